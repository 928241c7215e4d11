"""The JSON API: the questions of the Python API, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from artstylenet import recommendation
from artstylenet.errors import ImageError, InputError, UnknownIdError
from artstylenet.explorer import answers
from artstylenet.explorer.judgements import JudgementFile
from artstylenet.explorer.uploads import Placer
from artstylenet.figures.palette import style_label
from artstylenet.paths import path_between
from artstylenet.ranking import top_painters, top_paintings, typical_paintings
from artstylenet.similarity import row_of, similar_paintings
from artstylenet.site.catalogue import Catalogue, style_page_path, thumbnail_path
from artstylenet.site.payload.painter_pages import near_painters
from artstylenet.site.payload.painting_pages import painting_facts

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

Count = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
By = Annotated[
    Literal["styles", "features"],
    Query(description="styles: alike in their mixtures; features: alike in their looks."),
]
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": answers.Problem, "description": "There is no such thing in this atlas."}
}
_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def make_api(atlas: StyleAtlas, catalogue: Catalogue, folder: Path | None) -> FastAPI:
    """Return the API of an atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    catalogue : Catalogue
        Of the same atlas.
    folder : Path or None
        Where judgements are kept; None keeps none.
    """
    api = FastAPI(
        title="ArtStyleNet",
        version="1",
        description="The styles of a collection of paintings. Every painting is a mixture.",
        docs_url=None,
        redoc_url=None,
    )
    cards = catalogue.cards
    mixtures = atlas.painting_styles.to_numpy()
    n_paintings = dict(
        zip(atlas.painters["painter"].tolist(), atlas.painters["n_paintings"].tolist(), strict=True)
    )
    placer = Placer(atlas)
    judgements = JudgementFile(folder)

    @api.exception_handler(UnknownIdError)
    def unknown(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, 404)

    @api.exception_handler(InputError)
    def bad_input(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, 422)

    def ranked(table: pd.DataFrame, column: str) -> list[answers.RankedWork]:
        return [
            answers.RankedWork(**_work(cards[row]), weight=round(float(value), 6))
            for row, value in zip(table.index.tolist(), table[column].tolist(), strict=True)
        ]

    def style_in_list(style: int) -> dict[str, Any]:
        return {
            "style": style,
            "name": style_label(style),
            "share": float(atlas.styles["share"].iloc[style]),
            "page": style_page_path(style),
        }

    def painter_in_list(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "n_paintings": n_paintings[name],
            "page": f"painters/{catalogue.painter_names[name]}.html",
            "mixture": atlas.painter_styles.loc[name].to_numpy(dtype=float).tolist(),
        }

    @api.get("/")
    def atlas_as_a_whole() -> answers.Atlas:
        """Return what the atlas is."""
        return answers.Atlas(
            title=catalogue.title,
            n_paintings=atlas.n_paintings,
            n_painters=atlas.n_painters,
            n_styles=atlas.n_styles,
            artstylenet=str(atlas.run.get("artstylenet", "")),
            why_this_many=atlas.selection.reason,
        )

    @api.get("/styles")
    def styles() -> list[answers.Style]:
        """Return all styles, the most prevalent first."""
        return [answers.Style(**style_in_list(style)) for style in range(atlas.n_styles)]

    @api.get("/styles/{style}", responses=_UNKNOWN)
    def style_in_full(style: int, n: Count = 10) -> answers.StyleInFull:
        """Return a style with its painters and paintings."""
        paintings = top_paintings(atlas, style, n)
        painters = top_painters(atlas, style, n)
        known = atlas.styles.iloc[style]
        stability = float(known["stability"])
        return answers.StyleInFull(
            **style_in_list(style),
            top_painters=[
                answers.PainterWeight(name=name, weight=float(weight))
                for name, weight in zip(painters["painter"], painters["weight"], strict=True)
            ],
            top_paintings=ranked(paintings, "weight"),
            distinctiveness=float(known["distinctiveness"]),
            stability=stability if stability == stability else None,  # not NaN
        )

    @api.get("/painters")
    def painters() -> list[answers.Painter]:
        """Return all painters, by name."""
        return [answers.Painter(**painter_in_list(name)) for name in catalogue.painter_names]

    @api.get("/painters/{name:path}", responses=_UNKNOWN)
    def painter_in_full(name: str) -> answers.PainterInFull:
        """Return a painter with all works, the most typical first."""
        works = typical_paintings(atlas, name)
        return answers.PainterInFull(
            **painter_in_list(name),
            works=[answers.Work(**_work(cards[row])) for row in works.index],
            nearest=near_painters(catalogue, name),
        )

    @api.get("/paintings")
    def paintings(
        painter: Annotated[str | None, Query(description="Only works of this painter.")] = None,
        style: Annotated[
            int | None, Query(ge=0, description="Only works whose largest style this is.")
        ] = None,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Count = 100,
    ) -> answers.Works:
        """Return paintings in the order of the collection."""
        found = [
            card
            for card, largest in zip(cards, mixtures.argmax(axis=1).tolist(), strict=True)
            if (painter is None or card["painter"] == painter)
            and (style is None or largest == style)
        ]
        shown = found[offset : offset + limit]
        return answers.Works(
            total=len(found), paintings=[answers.Work(**_work(card)) for card in shown]
        )

    @api.get("/paintings/{painting}", responses=_UNKNOWN)
    def painting_in_full(painting: str) -> answers.Painting:
        """Return a painting with its mixture."""
        row = row_of(atlas, painting)
        facts = {fact["name"]: fact["value"] for fact in painting_facts(catalogue, row)}
        return answers.Painting(
            **_work(cards[row]),
            mixture=mixtures[row].tolist(),
            uncertainty=atlas.uncertainty[row].astype(float).round(4).tolist(),
            facts=facts,
        )

    @api.get("/similar", responses=_UNKNOWN)
    def similar(painting: str, by: By = "styles", n: Count = 10) -> list[answers.RankedWork]:
        """Return the paintings most like one, best first."""
        return ranked(similar_paintings(atlas, painting, by=by, n=n), "similarity")

    @api.post("/recommend", responses=_UNKNOWN)
    def recommend(likes: answers.Likes) -> list[answers.Recommended]:
        """Return paintings like the liked ones, a reason with each."""
        table = recommendation.recommend(
            atlas,
            likes.liked,
            disliked=likes.disliked,
            n=likes.n,
            by=likes.by,
            diversity=likes.diversity,
        )
        return [
            answers.Recommended(
                **_work(cards[row]), score=round(score, 6), like=like, reason=reason
            )
            for row, score, like, reason in zip(
                table.index.tolist(),
                table["score"].tolist(),
                table["like"].tolist(),
                table["reason"].tolist(),
                strict=True,
            )
        ]

    @api.get("/path", responses=_UNKNOWN)
    def path(
        start: str,
        end: str,
        steps: Annotated[int, Query(ge=1, le=20)] = 6,
        by: By = "features",
    ) -> list[answers.Step]:
        """Return a way from one painting to another in small steps."""
        table = path_between(atlas, start, end, steps=steps, by=by)
        return [
            answers.Step(**_work(cards[row]), to_start=round(near, 6), to_end=round(far, 6))
            for row, near, far in zip(
                table.index.tolist(),
                table["to_start"].tolist(),
                table["to_end"].tolist(),
                strict=True,
            )
        ]

    @api.post(
        "/place",
        openapi_extra=_PICTURE,
        responses={
            415: {"model": answers.Problem, "description": "Not a picture that can be read."},
            429: {"model": answers.Problem, "description": "Too many pictures at once."},
            503: {"model": answers.Problem, "description": "The network is not at hand."},
        },
    )
    async def place(request: Request, n: Count = 8) -> answers.Placed:
        """Return the mixture and the relatives of a picture sent as the body.

        Nothing of it is kept.
        """
        data = await request.body()
        with placer.queue() as has_room:
            if not has_room:
                raise HTTPException(429, "Too many pictures at once; send them one by one.")
            try:
                placed = await run_in_threadpool(placer.place, data, n)
            except ImageError as error:
                raise HTTPException(415, str(error)) from error
        return answers.Placed(
            mixture=placed.mixture.tolist(),
            width=placed.width,
            height=placed.height,
            thumbnail=placed.thumbnail,
            by_styles=ranked(placed.by_styles, "similarity"),
            by_features=ranked(placed.by_features, "similarity"),
        )

    @api.post("/judgements", status_code=201, responses=_UNKNOWN)
    def judge(judgement: answers.Judgement) -> answers.Kept:
        """Keep which of two paintings a person finds more like a third."""
        for painting in (judgement.anchor, judgement.more, judgement.less):
            row_of(atlas, painting)
        return answers.Kept(n_judgements=judgements.append(judgement.model_dump()))

    return api


def _work(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card as the API shows it."""
    return {key: card[key] for key in ("id", "title", "painter", "year", "page")} | {
        "thumbnail": thumbnail_path(card["name"])
    }
