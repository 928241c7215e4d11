"""Whatever is asked of the API: an answer or a reason, never a failure of the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from artstylenet.errors import ImageError
from artstylenet.explorer import make_app
from artstylenet.figures.palette import named_styles
from artstylenet.storage import load_atlas, save_atlas
from tests.test_storage import whole_atlas

API = "/api/v1"
KNOWN = ("toy-001", "toy-002", "Chen Wei", "0", "1", "4", "features", "styles", "name", "hide")
ODD = (
    "-1",
    "5",
    "99999999999999999999",
    "1e999",
    "nan",
    "",
    "\0",
    "../../etc/passwd",
    "é\u202e",
    "%",
)
VALUES = st.sampled_from(KNOWN + ODD) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=12
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(VALUES, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    def refuse(*_: object) -> None:
        raise ImageError("not a picture in a known format")

    atlas = whole_atlas()
    folder = tmp_path_factory.mktemp("fuzz") / "atlas"
    save_atlas(replace(atlas, run={**atlas.run, "inputs": "a build"}), folder)
    patch = pytest.MonkeyPatch()
    patch.setattr("artstylenet.explorer.uploads.Placer.place", refuse)
    app = make_app(load_atlas(folder, whole=False), folder=folder)
    with (
        named_styles({}),
        TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as one,
    ):
        yield one
    patch.undo()


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_no_question_of_the_document_breaks_the_server(client: TestClient, data: Any) -> None:
    document = client.get(f"{API}/openapi.json").json()
    path, methods = data.draw(st.sampled_from(sorted(document["paths"].items())))
    method, question = data.draw(st.sampled_from(sorted(methods.items())))
    query = {}
    for parameter in question.get("parameters", []):
        value = data.draw(VALUES)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        elif parameter.get("required") or data.draw(st.booleans()):
            query[parameter["name"]] = value
    body: Any = None
    if method == "post" and "application/json" in question["requestBody"]["content"]:
        schema = resolved(
            question["requestBody"]["content"]["application/json"]["schema"], document
        )
        fields = dict.fromkeys(schema["properties"], JSON)
        body = data.draw(st.fixed_dictionaries({}, optional=fields) | JSON)
        answer = client.post(f"{API}{path}", params=query, json=body)
    else:
        answer = client.request(method, f"{API}{path}", params=query, content=b"no picture")
    assert answer.status_code < 500, (method, path, query, body, answer.text)
    if answer.status_code >= 400:
        assert isinstance(answer.json()["detail"], str)


def test_the_document_names_every_question(client: TestClient, tmp_path: Path) -> None:
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    for path in ("/curation", "/exhibition", "/exhibition/manifest.json", "/similar-by-facets"):
        assert path in paths
    page = client.get("/api.html").text
    assert all(path in page for path in paths)
