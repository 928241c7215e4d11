"""schemathesis asks a real explorer everything that its OpenAPI document allows, and more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from artstylenet.storage import save_atlas
from tests.test_explorer_curating import exploring
from tests.test_storage import whole_atlas

pytestmark = pytest.mark.torture

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance"
N_EXAMPLES = os.environ.get("ARTSTYLENET_EXAMPLES", "100")


def test_schemathesis_finds_no_failure_of_the_server(tmp_path: Path) -> None:
    beside = str(Path(sys.executable).parent)
    program = shutil.which("schemathesis") or shutil.which("schemathesis", path=beside)
    if program is None:
        pytest.skip("schemathesis is not installed: pip install artstylenet[torture]")
    atlas = whole_atlas()
    atlas = replace(atlas, run={**atlas.run, "inputs": "a build"})
    folder = save_atlas(atlas, tmp_path / "atlas")
    with exploring(folder) as (server, host):
        document = f"http://{host}/api/v1/openapi.json"
        command = [program, "run", document, "--max-examples", N_EXAMPLES, "--checks", CHECKS]
        done = subprocess.run(
            [*command, "--seed", "1", "--request-timeout", "60"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
        assert server.poll() is None
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
