"""The JSON API: the questions of the Python API, over HTTP."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from artstylenet import curation, recommendation
from artstylenet.errors import BackboneError, ImageError, InputError, UnknownIdError
from artstylenet.explorer import answers
from artstylenet.explorer.finding import Finder
from artstylenet.explorer.judgements import JudgementFile
from artstylenet.explorer.uploads import Placer
from artstylenet.figures.palette import style_label
from artstylenet.paths import path_between
from artstylenet.ranking import top_painters, top_paintings, typical_paintings
from artstylenet.similarity import row_of, similar_paintings
from artstylenet.site.cards import is_large, thumbnail_path
from artstylenet.site.catalogue import Catalogue, style_page_path
from artstylenet.site.iiif import iiif_manifest
from artstylenet.site.payload.exhibition_pages import exhibition_of
from artstylenet.site.payload.painter_pages import near_painters
from artstylenet.site.payload.painting_pages import painting_facts
from artstylenet.storage.tables import write_csv

if TYPE_CHECKING:
    import pandas as pd

    from artstylenet.atlas import StyleAtlas

Count = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Room = Annotated[int, Query(ge=1, le=50, description="Works a room at most.")]
Importance = Annotated[float, Query(ge=0, le=100, description="How much it counts.")]
By = Annotated[
    Literal["styles", "features"],
    Query(description="styles: alike in their mixtures; features: alike in their looks."),
]
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": answers.Problem, "description": "There is no such thing in this atlas."}
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": answers.Problem, "description": "The body cannot be read."},
    422: {"model": answers.Problem, "description": "That cannot be asked, and why."},
}
_PICTURE = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def make_api(
    atlas: StyleAtlas,
    catalogue: Catalogue,
    folder: Path | None,
    *,
    curated: Callable[[curation.Curation], object] = lambda _: None,
) -> FastAPI:
    """Return the API of an atlas.

    Parameters
    ----------
    atlas : StyleAtlas
    catalogue : Catalogue
        Of the same atlas.
    folder : Path or None
        Where judgements and names are kept; None keeps none.
    curated : callable, optional
        Told what holds when somebody has said something of a style.
    """
    api = FastAPI(
        title="ArtStyleNet",
        version="1",
        description="The styles of a collection of paintings. Every painting is a mixture.",
        responses=_REFUSED,
        docs_url=None,
        redoc_url=None,
    )
    cards = catalogue.cards
    mixtures = atlas.painting_styles.to_numpy()
    n_paintings = dict(
        zip(atlas.painters["painter"].tolist(), atlas.painters["n_paintings"].tolist(), strict=True)
    )
    placer = Placer(atlas)
    finder = Finder(catalogue)
    judgements = JudgementFile(folder)
    saying = threading.Lock()

    @api.exception_handler(UnknownIdError)
    def unknown(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, 404)

    @api.exception_handler(BackboneError)
    def no_network(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, 409)

    @api.exception_handler(InputError)
    def bad_input(_: Request, error: Exception) -> Response:
        return JSONResponse({"detail": str(error)}, 422)

    @api.exception_handler(RequestValidationError)
    def bad_question(_: Request, error: RequestValidationError) -> Response:
        # A sentence, as everywhere, in the place of a list.
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        return JSONResponse({"detail": f"{where}: {first['msg']}".removeprefix(": ")}, 422)

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
        wanted = np.ones(len(cards), bool)
        if painter is not None:
            wanted[:] = False
            if painter in catalogue.painter_names:
                wanted[catalogue.works_of(painter)] = True
        if style is not None:
            wanted &= mixtures.argmax(axis=1) == style
        found = np.flatnonzero(wanted)
        shown = found[offset : offset + limit].tolist()
        return answers.Works(
            total=len(found), paintings=[answers.Work(**_work(cards[row])) for row in shown]
        )

    @api.get("/search")
    def search(
        q: Annotated[str, Query(max_length=500, description="Words, all of which are in it.")],
        n: Count = 120,
    ) -> answers.FoundByWords:
        """Return paintings by words of title, painter, year or name, and painters by name."""
        found = finder.find(q)
        return answers.FoundByWords(
            total=len(found.rows),
            paintings=[answers.Work(**_work(cards[row])) for row in found.rows[:n].tolist()],
            painters=[
                answers.Name(name=name, page=f"painters/{catalogue.painter_names[name]}.html")
                for name in found.painters[:n]
            ],
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

    @api.get(
        "/similar-by-facets",
        responses={
            **_UNKNOWN,
            409: {"model": answers.Problem, "description": "The pictures are being measured."},
        },
    )
    def by_facets(
        painting: str,
        features: Importance = 1,
        colour: Importance = 0,
        texture: Importance = 0,
        composition: Importance = 0,
        n: Count = 10,
    ) -> list[answers.AlikeWork]:
        """Return the paintings most like one, each facet as important as one likes."""
        row_of(atlas, painting)  # before what takes seconds to import
        from artstylenet.facets import similar_by_facets
        from artstylenet.looks import looks_of
        from artstylenet.looks.cache import looks_cache

        if is_large(atlas.n_paintings):
            raise InputError(
                "Colour, texture and composition of so many pictures are not measured while one "
                "waits; ask with: artstylenet similar ATLAS ID --by facets"
            )
        if not catalogue.labels:
            raise HTTPException(409, "The pictures are still being measured; ask in a minute.")
        weights = {
            "features": features,
            "colour": colour,
            "texture": texture,
            "composition": composition,
        }
        looks = looks_of(atlas, None if folder is None else looks_cache(folder))
        table = similar_by_facets(atlas, painting, weights, n=n, looks=looks)
        parts = [name for name in weights if name in table]
        return [
            answers.AlikeWork(
                **work.model_dump(),
                why={name: round(float(table[name].iloc[i]), 6) for name in parts},
            )
            for i, work in enumerate(ranked(table, "similarity"))
        ]

    @api.get("/exhibition")
    def exhibition(per_style: Room = 8) -> list[answers.Exhibit]:
        """Return works for a room of each style, balanced by painter and date."""
        table = exhibition_of(catalogue, per_style)
        return [
            answers.Exhibit(**_work(cards[row]), style=style, place=place, weight=weight)
            for row, style, place, weight in zip(
                table.index.tolist(),
                table["style"].tolist(),
                table["place"].tolist(),
                table["weight"].tolist(),
                strict=True,
            )
        ]

    @api.get(
        "/exhibition.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}}
    )
    def exhibition_table(per_style: Room = 8) -> Response:
        """Return the exhibition as a table."""
        text = io.StringIO()
        write_csv(exhibition_of(catalogue, per_style), text)
        return Response(text.getvalue(), media_type="text/csv; charset=utf-8")

    @api.get("/exhibition/manifest.json")
    def exhibition_manifest(request: Request, per_style: Room = 8) -> dict[str, Any]:
        """Return the exhibition as a IIIF Presentation 3 manifest."""
        site = f"{request.url.scheme}://{request.url.netloc}"
        table = exhibition_of(catalogue, per_style)
        return iiif_manifest(catalogue, table, site, "api/v1/exhibition/manifest.json")

    @api.get("/curation")
    def what_was_said() -> answers.Said:
        """Return what people have said of the styles."""
        return _said(catalogue.curation)

    @api.post("/curation", responses=_UNKNOWN)
    def say(saying_now: answers.Saying) -> answers.Said:
        """Name, note, hide, show or merge a style, or undo what was said last."""
        if folder is None:
            raise InputError("This explorer keeps nothing.")
        with saying:
            holds = _say(folder, saying_now)
            curated(holds)
        return _said(holds)

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
            409: {"model": answers.Problem, "description": "The network is not at hand."},
            415: {"model": answers.Problem, "description": "Not a picture that can be read."},
            429: {"model": answers.Problem, "description": "Too many pictures at once."},
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


def _say(folder: Path, saying: answers.Saying) -> curation.Curation:
    """Keep what somebody says; return what holds now."""
    if saying.action == "undo":
        return curation.undo(folder)
    if saying.style is None:
        raise InputError("Name the style that this is about.")
    match saying.action:
        case "name":
            return curation.name_style(folder, saying.style, saying.text)
        case "note":
            return curation.note_style(folder, saying.style, saying.text)
        case "hide":
            return curation.hide_style(folder, saying.style)
        case "show":
            return curation.show_style(folder, saying.style)
        case "merge":
            if saying.into is None:
                raise InputError("Name the style that it is to be part of.")
            return curation.merge_style(folder, saying.style, saying.into)


def _said(said: curation.Curation) -> answers.Said:
    return answers.Said(
        names=dict(said.names),
        notes={style: list(notes) for style, notes in said.notes.items()},
        hidden=sorted(said.hidden),
        merged=dict(said.merged),
    )


def _work(card: dict[str, Any]) -> dict[str, Any]:
    """Return a card as the API shows it."""
    return {key: card[key] for key in ("id", "title", "painter", "year", "page")} | {
        "thumbnail": thumbnail_path(card["name"])
    }
