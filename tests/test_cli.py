"""The commands as users run them: what they print, what they leave, how they end."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import typer
from PIL import Image

from artstylenet import cli
from artstylenet.cli.app import app
from artstylenet.datasets import make_paintings, write_paintings
from artstylenet.storage import atlas_lock
from tests.bad_images import bad_pictures

N_PAINTINGS = 60
STYLES = "3..5"
TABLES = ("paintings.csv", "painters.csv", "styles.csv", "selection.csv", "skipped.csv")
PATIENCE = 120.0
OFFLINE = Path(__file__).parent / "offline"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def artstylenet(monkeypatch, capsys) -> Callable[..., Ended]:
    """Run a command in this process, from the parsing of its arguments to its exit code."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["artstylenet", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Ended(ended.value.code or 0, printed.out, printed.err)

    return run


def start(*arguments: object, **options) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    command = [sys.executable, "-m", "artstylenet", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # What is started in the background of a shell ignores Ctrl-C until it is told otherwise.
    pipes["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, **(pipes | options))


@pytest.fixture(scope="module")
def works(tmp_path_factory) -> Path:
    """A folder of made paintings, one folder a painter."""
    made = make_paintings(N_PAINTINGS, 4, size=96, random_state=0)
    return write_paintings(made, tmp_path_factory.mktemp("works"))


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A store that all builds share, so that each painting goes through the network once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def atlas(works, store, tmp_path_factory) -> Path:
    """An atlas built once, by processes that are refused the network; tests that change one take
    a copy."""
    folder = tmp_path_factory.mktemp("built") / "atlas"
    offline = os.pathsep.join([str(OFFLINE), *sys.path])
    noted = {"PYTHONPATH": offline, "ARTSTYLENET_NETWORK_ATTEMPTS": str(folder.parent / "attempts")}
    command = ("build", works, "-o", folder, "--styles", STYLES, "--store", store)
    process = start(*command, env=os.environ | noted)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    (folder.parent / "summary.txt").write_text(out)
    (folder.parent / "progress.txt").write_text(err)
    return folder


@pytest.fixture
def copy(atlas, tmp_path) -> Path:
    return shutil.copytree(atlas, tmp_path / "atlas")


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file that is seen."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_a_build_does_not_turn_to_the_network(atlas):
    attempts = atlas.parent / "attempts"
    assert not attempts.exists(), attempts.read_text()
    code = "import socket; socket.create_connection(('example.org', 80), 1)"
    noted = {"PYTHONPATH": str(OFFLINE), "ARTSTYLENET_NETWORK_ATTEMPTS": str(attempts)}
    refused = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | noted, capture_output=True, check=False
    )
    assert b"no network here" in refused.stderr
    assert "example.org" in attempts.read_text()
    attempts.unlink()


def test_the_summary_says_what_was_found_on_what_evidence_and_where_to_look_next(atlas):
    summary = (atlas.parent / "summary.txt").read_text()
    assert f"{N_PAINTINGS} paintings by 6 painters, read as: painter folders." in summary
    assert " styles. " in summary
    assert json.loads((atlas / "selection.json").read_text())["reason"] in summary
    assert f"artstylenet styles {atlas}" in summary
    assert f"artstylenet export {atlas} site/" in summary
    assert "skipped" not in summary


def test_each_stage_is_a_line_on_standard_error_where_there_is_no_terminal(atlas):
    stages = (atlas.parent / "progress.txt").read_text().splitlines()
    assert [line.split(":")[0] for line in stages] == [
        "Extracting features",
        "Learning visual words",
        "Trying numbers of styles",
        "Fitting styles",
        "Laying out the map",
        "Writing the atlas",
    ]


def test_the_same_settings_again_change_nothing(artstylenet, works, store, copy):
    before = contents(copy)
    again = artstylenet("build", works, "-o", copy, "--styles", STYLES, "--store", store)
    assert again.code == 0
    assert again.out.startswith("Nothing to do: the atlas is up to date.\n")
    assert contents(copy) == before


def test_other_settings_rebuild_from_what_is_stored(artstylenet, works, store, copy):
    stored = contents(store)
    again = artstylenet("build", works, "-o", copy, "--styles", 3, "--store", store)
    assert again.code == 0
    assert "3 styles. 3 styles, as asked for." in again.out
    assert contents(store) == stored
    assert artstylenet("styles", copy, "--csv").out.count("\n") == 1 + 3


def test_files_that_cannot_be_read_are_skipped_counted_and_listed(
    artstylenet, works, store, tmp_path
):
    folder = shutil.copytree(works, tmp_path / "works")
    painter = next(path for path in folder.iterdir() if path.is_dir())
    named = [(name, bad) for name, bad in bad_pictures().items() if name.endswith(".jpg")]
    bad = {f"{painter.name}/{name}": bad for name, bad in named[:7]}
    for path, (data, _) in bad.items():
        (folder / path).write_bytes(data)
    built = artstylenet("build", folder, "-o", tmp_path / "atlas", "--styles", 3, "--store", store)
    assert built.code == 0
    assert f"{N_PAINTINGS} paintings by 6 painters" in built.out
    assert "7 files skipped (all of them in skipped.csv):" in built.out
    assert "  and 2 more" in built.out
    with (tmp_path / "atlas" / "skipped.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["path"]: row["reason"] for row in rows} == {
        name: reason for name, (_, reason) in bad.items()
    }


def test_a_second_build_into_the_same_atlas_waits_and_says_so(works, store, copy):
    with atlas_lock(copy):
        second = start("build", works, "-o", copy, "--styles", STYLES, "--store", store)
        assert second.stderr is not None
        assert f"Another build holds {copy}; waiting" in second.stderr.readline()
        assert second.poll() is None
    out, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0
    assert out.startswith("Nothing to do")


def test_a_collection_without_painters_has_no_tables_about_them(
    artstylenet, works, store, tmp_path
):
    folder = tmp_path / "works"
    folder.mkdir()
    for path in works.rglob("*.jpg"):
        shutil.copy(path, folder)
    built = artstylenet("build", folder, "-o", tmp_path / "atlas", "--styles", 3, "--store", store)
    assert built.code == 0
    assert "painters" not in built.out.splitlines()[0]
    assert not list((tmp_path / "atlas").rglob("painter*"))
    assert "painters" not in artstylenet("styles", tmp_path / "atlas").out


@pytest.fixture(params=["while extracting", "while fitting"])
def interrupted(request, works, tmp_path) -> Path:
    """An atlas whose build was stopped by Ctrl-C."""
    folder = tmp_path / "atlas"
    process = start(
        *("build", works, "-o", folder, "--styles", STYLES, "--store", tmp_path / "store")
    )
    assert process.stderr is not None
    if request.param == "while extracting":
        wait_until(lambda: (folder / ".lock").exists())
        time.sleep(1)
    else:
        assert process.stderr.readline().startswith("Extracting features")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err.endswith("run the same command to go on.\n")
    assert "Traceback" not in err
    return folder


def test_an_interrupted_build_goes_on_to_the_same_atlas(artstylenet, interrupted, works, atlas):
    half = artstylenet("styles", interrupted)
    assert half.code == 2
    assert "is not finished; run its build again" in half.err
    store = interrupted.parent / "store"
    done = artstylenet("build", works, "-o", interrupted, "--styles", STYLES, "--store", store)
    assert done.code == 0
    for name in TABLES:
        assert (interrupted / name).read_bytes() == (atlas / name).read_bytes(), name


EARLY = """
import os, signal, sys
from artstylenet.cli import main
class Interrupt:
    def find_spec(self, name, *rest):
        if name == module:
            sys.meta_path.remove(self)
            for _ in range(int(n_times)):
                os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
module, n_times = sys.argv.pop(), sys.argv.pop()
main()
"""
"""A program that is interrupted so many times when it imports a certain module."""


@pytest.mark.parametrize("n_times", [1, 2])
@pytest.mark.parametrize("module", ["typer", "artstylenet.cli.app", "numpy", "sklearn", "numba"])
def test_an_interrupt_while_libraries_are_imported_is_heeded(module, n_times, works, tmp_path):
    command = ["build", works, "-o", tmp_path / "atlas", "--store", tmp_path / "store"]
    done = subprocess.run(
        [sys.executable, "-c", EARLY, *map(str, command), str(n_times), module],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        timeout=PATIENCE,
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("Interrupted. ")
    assert "Traceback" not in done.stderr


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_the_table_shows_share_painters_and_paintings(artstylenet, atlas):
    shown = artstylenet("styles", atlas, "-n", 2)
    assert shown.code == 0
    for word in ("share", "top painters", "top paintings", "(most / tenth)", " %"):
        assert word in shown.out


def test_json_is_one_document_of_all_styles(artstylenet, atlas):
    rows = json.loads(artstylenet("styles", atlas, "--json").out)
    assert [row["style"] for row in rows] == list(range(len(rows)))
    assert sum(row["share"] for row in rows) == pytest.approx(1, abs=1e-5)
    assert all(len(row["top_paintings"]) == 10 for row in rows)
    assert all(1 <= len(row["top_painters"]) <= 10 for row in rows)


def test_csv_has_the_same_rows(artstylenet, atlas):
    rows = list(csv.DictReader(io.StringIO(artstylenet("styles", atlas, "--csv").out)))
    stated = json.loads(artstylenet("styles", atlas, "--json").out)
    assert [row["top_paintings"].split("; ") for row in rows] == [
        row["top_paintings"] for row in stated
    ]
    assert [float(row["share"]) for row in rows] == pytest.approx(
        [row["share"] for row in stated], abs=1e-6
    )


def test_one_output_at_a_time(artstylenet, atlas):
    ended = artstylenet("styles", atlas, "--json", "--csv")
    assert (ended.code, ended.err) == (2, "Error: --json and --csv exclude each other.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_a_failure(atlas):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        process = start("styles", atlas, "--json", stdout=full)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err.startswith("Error: ")
    assert "Traceback" not in err


def test_a_reader_that_has_seen_enough_is_no_failure(atlas):
    with start("styles", atlas, "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(timeout=PATIENCE)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (0, "")


@pytest.fixture
def painting(atlas) -> dict[str, str]:
    with (atlas / "paintings.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


@pytest.mark.parametrize("by", ["styles", "features"])
def test_paintings_like_one_of_the_atlas(artstylenet, atlas, painting, by):
    ended = artstylenet("similar", atlas, painting["id"], "--by", by, "-n", 4, "--json")
    found = json.loads(ended.out)
    assert len(found) == 4
    assert painting["id"] not in [row["id"] for row in found]
    similarity = [row["similarity"] for row in found]
    assert similarity == sorted(similarity, reverse=True)


@pytest.mark.parametrize("by", ["styles", "features"])
def test_an_image_is_most_like_itself(artstylenet, atlas, works, painting, by):
    image = works / painting["path"]
    found = json.loads(artstylenet("similar", atlas, image, "--by", by, "--json").out)
    assert found[0]["id"] == painting["id"]
    assert found[0]["similarity"] == pytest.approx(1, abs=0.01)


def test_the_table(artstylenet, atlas, painting):
    shown = artstylenet("similar", atlas, painting["id"])
    assert shown.code == 0
    assert "similarity" in shown.out


def test_why_is_answered_after_the_originals_have_moved(
    artstylenet, atlas, works, painting, tmp_path
):
    command = ("explain", atlas, painting["id"], "-o")
    before = artstylenet(*command, tmp_path / "before.png")
    away = works.rename(works.with_name("away"))
    try:
        after = artstylenet(*command, tmp_path / "after.png")
    finally:
        away.rename(works)
    assert (before.code, after.code) == (0, 0)
    assert after.out.replace("after.png", "before.png") == before.out
    with Image.open(tmp_path / "before.png") as first, Image.open(tmp_path / "after.png") as second:
        assert first.tobytes() == second.tobytes()


def test_an_unknown_painting_gets_suggestions(artstylenet, atlas, painting):
    ended = artstylenet("similar", atlas, painting["id"] + "x")
    assert ended.code == 2
    assert "did you mean " + painting["id"] in ended.err
    assert artstylenet("similar", atlas, painting["id"], "--by", "size").code == 2


def test_an_image_that_cannot_be_read(artstylenet, atlas, tmp_path):
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff")
    assert artstylenet("similar", atlas, tmp_path / "torn.jpg").code == 2


def test_the_site_and_where_to_open_it(artstylenet, atlas, tmp_path):
    ended = artstylenet("export", atlas, tmp_path / "site", "--title", "Made <paintings>")
    assert ended.code == 0
    assert ended.out == f"Open {tmp_path / 'site' / 'index.html'}\n"
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "Made &lt;paintings&gt;" in page
    assert list((tmp_path / "site").rglob("*.jpg"))


def test_no_pictures_means_none(artstylenet, atlas, tmp_path):
    assert artstylenet("export", atlas, tmp_path, "--pictures", "none").code == 0
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".jpg", ".png")]


def test_a_folder_of_something_else_is_left_alone(artstylenet, atlas, works):
    before = contents(works)
    assert artstylenet("export", atlas, works).code == 2
    assert contents(works) == before


def folder_without_pictures(folder: Path) -> list[object]:
    (folder / "notes.txt").write_text("nothing here")
    return ["build", folder, "-o", folder / "atlas"]


def folder_that_is_not_there(folder: Path) -> list[object]:
    return ["build", folder / "nowhere", "-o", folder / "atlas"]


def pictures_that_cannot_be_read(folder: Path) -> list[object]:
    (folder / "works").mkdir()
    (folder / "works" / "a.jpg").write_text("not a picture")
    return ["build", folder / "works", "-o", folder / "atlas", "--store", folder / "store"]


def table_of(folder: Path, text: str) -> list[object]:
    (folder / "works.csv").write_text(text)
    return ["build", folder / "works.csv", "-o", folder / "atlas", "--store", folder / "store"]


def table_that_names_missing_files(folder: Path) -> list[object]:
    return table_of(folder, "filename\n" + "".join(f"gone-{i}.jpg\n" for i in range(7)))


def table_without_files(folder: Path) -> list[object]:
    return table_of(folder, "painter,title\nA,B\n")


def fewer_paintings_than_styles(folder: Path) -> list[object]:
    (folder / "works").mkdir()
    for i in range(4):
        Image.new("RGB", (40, 40), (60 * i, 20, 90)).save(folder / "works" / f"{i}.png")
    options = ["--styles", 8, "--store", folder / "store"]
    return ["build", folder / "works", "-o", folder / "atlas", *options]


def output_that_is_something_else(folder: Path) -> list[object]:
    (folder / "diary.txt").write_text("keep me")
    Image.new("RGB", (40, 40)).save(folder / "a.png")
    return ["build", folder, "-o", folder]


def atlas_that_is_none(folder: Path) -> list[object]:
    return ["styles", folder]


def atlas_that_is_not_there(folder: Path) -> list[object]:
    return ["export", folder / "nowhere", folder / "site"]


def atlas_of_a_newer_version(folder: Path) -> list[object]:
    (folder / "run.json").write_text('{"schema": 1000}')
    return ["styles", folder]


def with_options(*options: object) -> Callable[[Path], list[object]]:
    def build(folder: Path) -> list[object]:
        Image.new("RGB", (40, 40)).save(folder / "a.png")
        return ["build", folder, "-o", folder / "atlas", *options]

    return build


MANY_COMPONENTS = "components must be a whole number, or a fraction in (0, 1)"


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (folder_without_pictures, "No paintings found in "),
        (folder_that_is_not_there, " does not exist"),
        (pictures_that_cannot_be_read, "None of the 1 pictures in "),
        (table_that_names_missing_files, "7 files"),
        (table_that_names_missing_files, "gone-4.jpg"),
        (table_without_files, "column"),
        (fewer_paintings_than_styles, "4 paintings are too few for 8 styles"),
        (output_that_is_something_else, "is not empty and not an atlas"),
        (atlas_that_is_none, "is not an atlas"),
        (atlas_that_is_not_there, "There is no atlas "),
        (atlas_of_a_newer_version, "comes from a newer ArtStyleNet (format 1000"),
        (with_options("--styles", "many"), "--styles takes a number or a range such as 5..20"),
        (with_options("--styles", "9..5"), "styles must be a range of 2 or more, got 9..5"),
        (with_options("--choose", "luck"), "choose must be one of auto, elbow, one-se"),
        (with_options("--recipe", "soup"), "recipe must be one of default, paper"),
        (with_options("--components", "1.5"), MANY_COMPONENTS),
        (with_options("--duplicates", "burn"), "duplicates must be keep or drop"),
        (with_options("--layout", "shelf"), "layout"),
        (with_options("--backbone", "vgg"), "'vgg' is not a backbone"),
        (with_options("--seed", "-1"), "seed must be 0 or more"),
        (with_options("--speed", "11"), "--speed"),
    ],
)
def test_bad_input_is_exit_2_and_one_sentence(artstylenet, tmp_path, prepare, sentence):
    ended = artstylenet(*prepare(tmp_path))
    assert ended.code == 2, ended.err
    assert sentence in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    assert not ended.out


def test_files_that_are_missing_are_counted_and_the_first_five_named(artstylenet, tmp_path):
    told = artstylenet(*table_that_names_missing_files(tmp_path)).err
    assert all(f"gone-{i}.jpg" in told for i in range(5))
    assert "gone-5.jpg" not in told


def test_nothing_is_left_of_a_build_without_paintings(artstylenet, tmp_path):
    artstylenet(*folder_without_pictures(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


COMMANDS = typer.main.get_command(app).commands


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_command_explains_itself(artstylenet, command):
    helped = artstylenet(*command, "--help")
    assert helped.code == 0
    assert helped.out.startswith("Usage: artstylenet")
    assert "\\b" not in helped.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_parameter_is_explained(name):
    assert [p.name for p in COMMANDS[name].params if not p.help] == []


def test_the_version(artstylenet):
    from importlib.metadata import version

    assert artstylenet("--version").out == version("artstylenet") + "\n"


def test_the_demo_says_what_to_install(artstylenet, monkeypatch, tmp_path):
    monkeypatch.setattr("artstylenet.demo.find_spec", lambda name: None)
    ended = artstylenet("demo", "-o", tmp_path / "demo")
    assert ended.code == 2
    assert "pip install 'artstylenet[demo]'" in ended.err
