"""The API of the explorer: it answers as the Python API does, and bad questions with a reason."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from artstylenet import ranking, similarity
from artstylenet.atlas import StyleAtlas
from artstylenet.errors import ImageError
from artstylenet.explorer import make_app
from artstylenet.imaging.apart import decode_apart
from artstylenet.imaging.picture import decode_picture
from artstylenet.placing import Placed
from artstylenet.recommendation import recommend
from tests.bad_images import bad_pictures, encode, scene
from tests.fake_backbone import FakeBackbone

API = "/api/v1"


@pytest.fixture
def client(atlas: StyleAtlas, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(atlas, folder=tmp_path), base_url="http://127.0.0.1") as client:
        yield client


def test_the_atlas_as_a_whole(client: TestClient, atlas: StyleAtlas) -> None:
    answer = client.get(f"{API}/").json()
    assert (answer["n_paintings"], answer["n_painters"], answer["n_styles"]) == (60, 6, 5)
    assert answer["why_this_many"] == atlas.selection.reason


def test_styles_with_painters_and_paintings(client: TestClient, atlas: StyleAtlas) -> None:
    assert [style["style"] for style in client.get(f"{API}/styles").json()] == [0, 1, 2, 3, 4]
    style = client.get(f"{API}/styles/2", params={"n": 4}).json()
    top = ranking.top_paintings(atlas, 2, 4)
    assert [work["id"] for work in style["top_paintings"]] == top["id"].tolist()
    np.testing.assert_allclose(
        [work["weight"] for work in style["top_paintings"]], top["weight"], atol=1e-6
    )
    assert [p["name"] for p in style["top_painters"]] == list(
        ranking.top_painters(atlas, 2, 4)["painter"]
    )


def test_painters(client: TestClient, atlas: StyleAtlas) -> None:
    painters = client.get(f"{API}/painters").json()
    assert [painter["name"] for painter in painters] == list(atlas.painters["painter"])
    painter = client.get(f"{API}/painters/Bo <b>Lind</b>").json()
    assert painter["n_paintings"] == len(painter["works"]) == 10
    assert len(painter["nearest"]) == 5
    assert sum(painter["mixture"]) == pytest.approx(1)


def test_paintings_by_the_page(client: TestClient) -> None:
    answer = client.get(f"{API}/paintings", params={"painter": "Dora Ng", "limit": 3}).json()
    assert answer["total"] == 10
    assert [work["painter"] for work in answer["paintings"]] == ["Dora Ng"] * 3
    beyond = client.get(f"{API}/paintings", params={"offset": 1000}).json()
    assert beyond == {"total": 60, "paintings": []}


def test_a_painting_leads_to_its_page_and_thumbnail(client: TestClient, atlas: StyleAtlas) -> None:
    painting = client.get(f"{API}/paintings/toy-003").json()
    np.testing.assert_allclose(painting["mixture"], atlas.painting_styles.loc["toy-003"])
    assert painting["facts"]["Movement"] == "Baroque"
    assert "&lt;script&gt;alert(1)" in client.get(f"/{painting['page']}").text
    assert client.get(f"/{painting['thumbnail']}").content == atlas.thumbnails[3].as_py()


@pytest.mark.parametrize("by", ["styles", "features"])
def test_similar_is_what_python_says(client: TestClient, atlas: StyleAtlas, by: str) -> None:
    asked = {"painting": "toy-007", "by": by, "n": 5}
    answer = client.get(f"{API}/similar", params=asked).json()
    expected = similarity.similar_paintings(atlas, "toy-007", by=by, n=5)  # type: ignore[arg-type]
    assert [work["id"] for work in answer] == expected["id"].tolist()


def test_recommendations_are_what_python_says(client: TestClient, atlas: StyleAtlas) -> None:
    likes = {"liked": ["toy-001", "toy-002"], "disliked": ["toy-030"], "n": 5}
    answer = client.post(f"{API}/recommend", json=likes).json()
    expected = recommend(atlas, ["toy-001", "toy-002"], disliked=["toy-030"], n=5)
    assert [work["id"] for work in answer] == expected["id"].tolist()
    assert [work["reason"] for work in answer] == expected["reason"].tolist()
    assert client.post(f"{API}/recommend", json={"liked": []}).status_code == 422
    assert client.post(f"{API}/recommend", json={"liked": ["none"]}).status_code == 404
    both = {"liked": ["toy-001"], "disliked": ["toy-001"]}
    assert "both" in client.post(f"{API}/recommend", json=both).json()["detail"]


def test_a_path_leads_from_one_to_the_other(client: TestClient) -> None:
    asked = {"start": "toy-001", "end": "toy-044", "steps": 2}
    answer = client.get(f"{API}/path", params=asked).json()
    assert [work["id"] for work in answer][::2] == ["toy-001", "toy-044"]
    same = client.get(f"{API}/path", params={"start": "toy-001", "end": "toy-001"})
    assert same.status_code == 422


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("/styles/99", 404),
        ("/styles/-1", 404),
        ("/styles/one", 422),
        ("/styles/0?n=0", 422),
        ("/painters/Nobody", 404),
        ("/paintings/none", 404),
        ("/paintings/..%2f..%2frun.json", 404),
        ("/similar", 422),
        ("/similar?painting=toy-001&by=price", 422),
        ("/paintings?offset=-1", 422),
        ("/nothing", 404),
    ],
)
def test_bad_questions_get_a_reason(client: TestClient, question: str, code: int) -> None:
    answer = client.get(f"{API}{question}")
    assert answer.status_code == code
    assert re.search(r"\w+", answer.json()["detail"])


def test_an_atlas_without_its_network_says_so(client: TestClient) -> None:
    answer = client.post(f"{API}/place", content=encode(scene(), "PNG"))
    assert answer.status_code == 409
    assert "backbone" in answer.json()["detail"]


def test_judgements_are_kept_as_lines(client: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_bytes(b'{"anchor": "cut of')  # a server that died while it wrote
    said = {"anchor": "toy-001", "more": "toy-002", "less": "toy-003", "person": "Zoë"}
    assert client.post(f"{API}/judgements", json=said).status_code == 201
    assert client.post(f"{API}/judgements", json=said | {"person": ""}).status_code == 201
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["person"] for line in lines[1:]] == ["Zoë", ""]
    assert client.post(f"{API}/judgements", json=said | {"less": "x"}).status_code == 404
    assert len(file.read_text(encoding="utf-8").splitlines()) == 3


@pytest.fixture
def with_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let toy paintings be placed: all by the same mixture."""
    monkeypatch.setattr("artstylenet.placing.backbone_of", lambda atlas: FakeBackbone())
    placed = Placed(
        painting_styles=np.array([[0.6, 0.1, 0.1, 0.1, 0.1]]),
        descriptors=np.eye(1, 16, dtype=np.float32),
        grid_words=np.zeros((1, 196), np.uint16),
    )
    monkeypatch.setattr("artstylenet.placing.place_pixels", lambda atlas, pixels: placed)


def test_a_picture_of_ones_own_finds_its_place(client: TestClient, with_network: None) -> None:
    picture = encode(scene(120, 80), "PNG")
    placed = client.post(f"{API}/place?n=3", content=picture).json()
    assert placed["mixture"] == [0.6, 0.1, 0.1, 0.1, 0.1]
    assert (placed["width"], placed["height"]) == (120, 80)
    assert placed["thumbnail"].startswith("data:image/jpeg;base64,")
    assert len(placed["by_styles"]) == len(placed["by_features"]) == 3


def test_bad_pictures_get_a_reason(
    client: TestClient, with_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(name: str) -> None:
        data, reason = bad_pictures()[name]
        answer = client.post(f"{API}/place", content=data)
        assert answer.status_code == 415, name
        assert answer.json()["detail"] == reason

    check("truncated.jpg")

    def decode_here(data: bytes, size: int) -> None:
        decode_picture(data, size)
        raise AssertionError("it can be decoded")

    # The others without a process each.
    monkeypatch.setattr("artstylenet.explorer.uploads.decode_apart", decode_here)
    for name in bad_pictures():
        check(name)


def test_a_line_that_is_too_long_is_sent_away(
    client: TestClient, with_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artstylenet.explorer.uploads.WAITING", 0)
    answer = client.post(f"{API}/place", content=encode(scene(), "PNG"))
    assert answer.status_code == 429
    assert "one by one" in answer.json()["detail"]


def test_a_decoder_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ImageError, match="took more than"):
        decode_apart(encode(scene(), "PNG"), 224, seconds=0.001)


def test_too_much_is_refused(client: TestClient) -> None:
    answer = client.post(f"{API}/place", content=bytes(33 << 20))
    assert answer.status_code == 413


def test_the_document_and_its_page_name_every_question(client: TestClient) -> None:
    document = client.get(f"{API}/openapi.json").json()
    page = client.get("/api.html").text
    assert document["openapi"].startswith("3.")
    for path in document["paths"]:
        assert f"/api/v1{path}" in page


def test_the_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    references = re.findall(r'(?:src|href|action)="([^"]*)"', client.get("/api.html").text)
    assert len(references) > 10
    for reference in references:
        assert not re.match(r"//|[a-z]+:", reference)


def test_examples_of_the_page_can_be_asked(client: TestClient) -> None:
    examples = re.findall(r'href="([^"]+)">Try it', client.get("/api.html").text)
    assert len(examples) >= 6
    for example in examples:
        assert client.get(f"/{example.replace('&amp;', '&')}").status_code == 200, example


def test_examples_of_the_documentation_can_be_asked(client: TestClient, with_network: None) -> None:
    """With a painting of this collection in the place of theirs."""
    text = (Path(__file__).parents[1] / "docs" / "exploring.md").read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in text.splitlines() if line.startswith("curl ")]
    assert len(commands) == 3
    for _, *words in commands:
        *options, url = (word.replace("claude-monet-17", "toy-007") for word in words)
        question = url.removeprefix("http://127.0.0.1:8000")
        match options:
            case []:
                answer = client.get(question)
            case ["--data-binary", "@photo.jpg"]:
                answer = client.post(question, content=encode(scene(), "JPEG"))
            case ["--json", body]:
                answer = client.post(question, json=json.loads(body))
        assert answer.status_code == 200, words
        assert answer.json()
