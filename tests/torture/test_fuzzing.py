"""What a coverage-guided fuzzer makes of healthy tables, JSON and files of an atlas."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from artstylenet.counting import as_whole_numbers
from artstylenet.storage import save_atlas
from tests.test_storage import FEATURES, whole_atlas
from tests.torture.telling import tell

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(
        importlib.util.find_spec("atheris") is None,
        reason="atheris is not installed: pip install 'artstylenet[torture]'",
    ),
]

N_FUZZED = int(os.environ.get("ARTSTYLENET_FUZZED", "10000"))
SAID = [
    {"action": "name", "style": 0, "text": "Night", "build": "a build"},
    {"action": "merge", "style": 1, "into": 2, "build": "a build"},
    {"action": "undo", "build": "a build"},
]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory) -> dict[str, list[bytes]]:
    """Inputs of every target that are fine."""
    toy = whole_atlas()
    words = as_whole_numbers(toy.model.count_words(FEATURES))
    folder = save_atlas(replace(toy, word_counts=words), tmp_path_factory.mktemp("atlas"))
    table = pd.DataFrame({"file": ["a.jpg", "b.jpg"], "artist": ["A", ""], "year": ["1890", "x"]})
    table.to_parquet(folder / "works.parquet")
    read = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {
        "table": [
            b"\x00" + table.to_csv(index=False).encode(),
            b"\x01" + table.to_csv(index=False, sep="\t").encode(),
            b"\x02" + table.to_json(orient="records", lines=True).encode(),
            b"\x03" + read["works.parquet"],
        ],
        "run": [read["run.json"]],
        "curation": ["".join(json.dumps(line) + "\n" for line in SAID).encode()],
        "arrays": [read["arrays.npz"], read["words.npz"]],
        "thumbnails": [read["thumbnails.arrow"]],
        "parquet": [read["styles.parquet"], read["skipped.parquet"]],
        "model": [read["model.json"]],
        "model.npz": [read["model.npz"]],
    }


@pytest.mark.parametrize(
    "target", ["table", "run", "curation", "arrays", "thumbnails", "parquet", "model"]
)
def test_what_a_fuzzer_makes_is_read_or_refused(target, healthy, tmp_path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, data in enumerate(healthy[target]):
        (seeds / str(number)).write_bytes(data)
    (tmp_path / "model.npz").write_bytes(healthy["model.npz"][0])
    longest = max(map(len, healthy[target])) + 1000
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.fuzz", target, str(seeds), str(tmp_path / "scratch"),
         f"-runs={N_FUZZED}", "-seed=1", f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=4096",
         f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:] + done.stdout[-2000:]
    n_found = len(list(seeds.iterdir())) - len(healthy[target])
    tell(f"fuzzing {target}: {N_FUZZED} inputs, {n_found} of them on new ways through the code")
    shutil.rmtree(tmp_path)
