"""What the API answers, as models that also write its OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Id = Annotated[str, Field(max_length=500)]
Weight = Annotated[float, Field(ge=0, le=1, description="A fraction in [0, 1].")]
Mixture = Annotated[
    list[Weight], Field(description="Weight of style 0, 1, ...; the weights sum to 1.")
]


class Problem(BaseModel):
    """Why a question was not answered."""

    detail: str


class Atlas(BaseModel):
    """The collection as a whole."""

    title: str
    n_paintings: int
    n_painters: int
    n_styles: int
    artstylenet: str = Field(description="Version that built the atlas.")
    why_this_many: str = Field(description="How the number of styles was chosen.")


class Work(BaseModel):
    """A painting in a list."""

    id: str
    title: str
    painter: str = Field(description="Empty if unknown.")
    year: str = Field(description="As given; empty if unknown.")
    page: str = Field(description="Its page, relative to the top of the site.")
    thumbnail: str = Field(description="Its thumbnail, relative to the top of the site.")


class RankedWork(Work):
    """A painting with what ranks it."""

    weight: float = Field(description="The style's weight, or the similarity.")


class Painting(Work):
    """A painting and its mixture of styles."""

    mixture: Mixture
    uncertainty: list[float] = Field(description="Standard deviation of each weight.")
    facts: dict[str, str] = Field(description="What the collection says of it.")


class Works(BaseModel):
    """Part of the paintings."""

    total: int = Field(description="How many there are in all.")
    paintings: list[Work]


class Name(BaseModel):
    """A painter's name and page."""

    name: str
    page: str


class FoundByWords(BaseModel):
    """What words find."""

    total: int = Field(description="How many paintings there are with these words.")
    paintings: list[Work]
    painters: list[Name]


class Painter(BaseModel):
    """A painter in a list."""

    name: str
    n_paintings: int
    page: str
    mixture: Mixture


class PainterInFull(Painter):
    """A painter with the works, the most typical first."""

    works: list[Work]
    nearest: list[str] = Field(description="Painters with the nearest mixture, best first.")


class Style(BaseModel):
    """A style in a list."""

    style: int
    name: str
    share: Weight
    page: str


class PainterWeight(BaseModel):
    """How much of a style a painter has."""

    name: str
    weight: Weight


class StyleInFull(Style):
    """A style with those who stand for it, best first."""

    top_painters: list[PainterWeight]
    top_paintings: list[RankedWork]
    distinctiveness: float
    stability: float | None


class Likes(BaseModel):
    """What somebody likes."""

    liked: Annotated[list[Id], Field(min_length=1, max_length=200)]
    disliked: Annotated[list[Id], Field(max_length=200)] = []
    n: Annotated[int, Field(ge=1, le=200)] = 20
    by: Literal["features", "styles"] = "features"
    diversity: Annotated[
        float, Field(ge=0, le=1, description="How much a painter's next work sinks.")
    ] = 0.3


class Recommended(Work):
    """A painting that may be liked, and why."""

    score: float
    like: str = Field(description="Id of the liked painting that speaks most for it.")
    reason: str


class Step(Work):
    """A painting on the way from one to another."""

    to_start: float = Field(description="Similarity to the first.")
    to_end: float = Field(description="Similarity to the last.")


class Placed(BaseModel):
    """A picture of the visitor's own among the styles; nothing of it is kept."""

    mixture: Mixture
    width: int
    height: int
    thumbnail: str = Field(description="The picture as a data URL, at most 320 pixels.")
    by_styles: list[RankedWork] = Field(description="Nearest by mixture of styles.")
    by_features: list[RankedWork] = Field(description="Nearest to the eye of the network.")


class AlikeWork(RankedWork):
    """A painting that is alike, and what that rests on."""

    why: dict[str, float] = Field(description="What each facet adds to the similarity.")


class Exhibit(Work):
    """A work in the room of a style."""

    style: int
    place: int = Field(description="In the room, from 1.")
    weight: Weight


class Saying(BaseModel):
    """What somebody says of a style; ``undo`` takes back what was said last."""

    action: Literal["name", "note", "hide", "show", "merge", "undo"]
    style: Annotated[int | None, Field(ge=0, le=10**6)] = None
    into: Annotated[int | None, Field(ge=0, le=10**6, description="Of merge.")] = None
    text: Annotated[str, Field(max_length=2000, description="Of name and note.")] = ""


class Said(BaseModel):
    """What has been said of the styles and holds."""

    names: dict[int, str]
    notes: dict[int, list[str]]
    hidden: list[int]
    merged: dict[int, int] = Field(description="Styles shown as part of another.")


class Judgement(BaseModel):
    """Which of two paintings a person finds more like a third."""

    anchor: Id = Field(description="The painting compared with.")
    more: Id = Field(description="The painting that was found more alike.")
    less: Id = Field(description="The other.")
    person: str = Field(default="", description="Who judged; any name.", max_length=100)


class Kept(BaseModel):
    """How many answers have been kept."""

    n_judgements: int
