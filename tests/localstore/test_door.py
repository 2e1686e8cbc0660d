"""The store's own house: it shares nothing with the rest, and its door is light."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.forkserver import ROOT


def test_nothing_of_the_rest_is_imported() -> None:
    for path in sorted((ROOT / "pipeline/localstore").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                assert not name.startswith("pipeline") or name.startswith("pipeline.localstore")
                assert name.partition(".")[0] not in {"requests", "click", "requests_toolbelt"}


def test_the_door_imports_no_server() -> None:
    program = (
        "import sys, pathlib, pipeline.localstore as door;"
        "door.running_store(pathlib.Path('/nowhere'));"
        "heavy = {'starlette', 'uvicorn', 'PIL', 'jinja2', 'anyio', 'sqlite3', 'filelock'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert run.stdout == "[]\n"
