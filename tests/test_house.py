"""The house is kept: what a reader relies on holds everywhere, and the README tells all of it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, EXIT_WRONG
from pipeline.lifecycle import State

ROOT = Path(__file__).resolve().parents[1]

MOST_LINES = 500

TOP = {"CHANGELOG.md", "LICENSE", "README.md", "pipeline", "pyproject.toml", "sample_images",
       "tests", "uv.lock"}  # fmt: skip

SAYS_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def files() -> list[Path]:
    """Return every file that belongs to the project, by git where this is a checkout."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        found = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
        return [path for path in found if path.is_file()]
    return [path for top in TOP for path in [ROOT / top, *(ROOT / top).rglob("*")]
            if path.is_file() and "__pycache__" not in path.parts]  # fmt: skip


def sources(*folders: str) -> list[Path]:
    return [
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_file_holds_one_idea_in_at_most_500_lines() -> None:
    lengths = {
        name(path): path.read_text(encoding="utf-8").count("\n")
        for path in sources("pipeline", "tests")
    }
    long = {path: lines for path, lines in lengths.items() if lines > MOST_LINES}
    assert not long, "these hold more than one idea"


def test_every_module_and_everything_public_in_it_says_what_it_is() -> None:
    silent = []
    for path in sources("pipeline"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(module):
            silent.append(name(path))
        silent += [
            f"{name(path)}: {node.name}" for node in _public(module) if not ast.get_docstring(node)
        ]
    assert not silent, "these do not say what they are"


def _public(
    parent: ast.Module | ast.ClassDef,
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_") or _is_overload(node):
                continue
            yield node
            # What keeps the promises of a Protocol names it, and each promise stands only there.
            if isinstance(node, ast.ClassDef) and not _names_its_promises(node):
                yield from _public(node)


def _names_its_promises(node: ast.ClassDef) -> bool:
    return (ast.get_docstring(node) or "").startswith("See `pipeline.")


def _is_overload(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Name) and decorator.id == "overload"
        for decorator in node.decorator_list
    )


def test_every_file_is_named_after_what_it_holds() -> None:
    empty = [name(path) for path in sources("pipeline", "tests") if path.stem in SAYS_NOTHING]
    assert not empty, f"these names say nothing: {', '.join(empty)}"


def test_the_top_of_the_project_holds_only_what_belongs_there() -> None:
    there = {path.relative_to(ROOT).parts[0] for path in files()}
    strangers = {top for top in there - TOP if not top.startswith(".")}
    assert not strangers


# Written so that this file does not find itself.
ELSEWHERE = [
    r"/wo" + r"rk/",
    r"/ro" + r"ot/",
    r"\bwork" + r"place\b",
    r"\b(this|another|other|previous|next|earlier|later)\s+ses" + r"sion\b",
    r"\bses" + r"sions? of the project\b",
    r"\bissue" + r"s show\b",
    r"\bsub" + r"-?agent",
    r"\blanguage" + r" model\b",
    r"\bA" + r"I\b[- ](assistant|written|generated)",
    r"\b(clau" + r"de|anthro" + r"pic|chat" + r"gpt)\b",
]


def test_no_file_speaks_of_the_place_where_it_was_made() -> None:
    wrong = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in ELSEWHERE:
            if match := re.search(pattern, text, re.IGNORECASE):
                line = text.count("\n", 0, match.start()) + 1
                wrong.append(f"{name(path)}, line {line}: {match.group()}")
    assert not wrong, "; ".join(wrong)


def test_every_page_that_the_code_names_is_there() -> None:
    missing = []
    for path in sources("pipeline", "tests", "sample_images"):
        for page in re.findall(r"[\w./-]*\w\.md\b", path.read_text(encoding="utf-8")):
            if not (ROOT / page).is_file() and not (path.parent / page).is_file():
                missing.append(f"{name(path)}: {page}")
    assert not missing, "nobody can read these"


@pytest.mark.parametrize("state", State)
def test_the_readme_tells_of_every_state(state: State) -> None:
    assert re.search(rf"\b{state.value}\b", readme(), re.IGNORECASE)


def _commands() -> list[str]:
    shown = subprocess.run(
        [sys.executable, "-m", "pipeline", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return re.findall(r"^  ([a-z][a-z-]+)\s", shown.partition("Commands:")[2], re.MULTILINE)


def test_the_readme_tells_of_every_command() -> None:
    commands = _commands()
    assert {"run", "status", "list", "history", "images", "doctor", "store"} <= set(commands)
    untold = [one for one in commands if not re.search(rf"\bpipeline {one}\b", readme())]
    assert not untold, f"the README does not tell of `pipeline {'`, `pipeline '.join(untold)}`"


@pytest.mark.parametrize("status", [EXIT_OK, EXIT_TROUBLE, EXIT_WRONG, EXIT_INTERRUPTED])
def test_the_readme_tells_of_every_exit_status(status: int) -> None:
    about = "\n".join(
        paragraph for paragraph in readme().split("\n\n") if "exit status" in paragraph.lower()
    )
    table = readme().lower().partition("exit status")[2]
    assert re.search(rf"\b{status}\b", about + table[:1500])


def test_the_two_commands_of_the_readme_stand_there_as_they_are_promised() -> None:
    assert (
        "python3 -m venv .venv && .venv/bin/pip install -q . && "
        ".venv/bin/pipeline run sample_images/shop\n" in readme()
    )
    assert (
        "python3 -m venv .venv && .venv/bin/pip install -q '.[test]' && .venv/bin/pytest\n"
        in readme()
    )


def test_who_may_import_whom_is_kept() -> None:
    linter = shutil.which("lint-imports", path=os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    ))  # fmt: skip
    if linter is None:
        pytest.skip("import-linter is not installed: it comes with the extra `lint`")
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


BUILT = ROOT / "pipeline" / "README.md"

CONTRACTS = ("ledger/port/", "ledger/database.py")
"""Protocols alone: `tests/contract` holds whatever keeps them."""

WHOLE = {"test_house.py", "test_samples.py"}
"""Tests of the project as a whole."""


def _modules() -> set[str]:
    return {
        path.relative_to(ROOT / "pipeline").as_posix()
        for path in sources("pipeline")
        if path.stem not in ("__init__", "__main__")
    }


def _is_test_of(test: Path, module: str) -> bool:
    tests = ROOT / "tests" / Path(module).parent
    stem = f"test_{Path(module).stem}"
    return test.parent == tests and (test.stem == stem or test.stem.startswith(f"{stem}_"))


def test_every_module_has_a_test_file_of_its_name() -> None:
    tests = sources("tests")
    untested = [
        module
        for module in sorted(_modules())
        if not module.startswith(CONTRACTS) and not any(_is_test_of(test, module) for test in tests)
    ]
    assert not untested


def test_every_test_file_of_a_room_is_named_after_a_module_or_its_room() -> None:
    strangers = []
    for test in sources("tests"):
        parts = test.relative_to(ROOT / "tests").parts
        if not test.name.startswith("test_") or parts[0] in ("benchmarks", "contract", "stories"):
            continue
        of_room = len(parts) > 1 and test.stem.startswith(
            (f"test_{parts[-2]}", "test_main", "test_readme", "test_door", "test_other_programs")
        )
        if of_room or test.name in WHOLE or any(_is_test_of(test, one) for one in _modules()):
            continue
        strangers.append(name(test))
    assert not strangers


def test_no_test_reaches_into_a_private_name_of_the_program() -> None:
    reached = []
    for test in sources("tests"):
        for node in ast.walk(ast.parse(test.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline"):
                reached += [
                    f"{name(test)}: {one.name}"
                    for one in node.names
                    if one.name.startswith("_") and not one.name.startswith("__")
                ]
    assert not reached


def test_the_page_on_how_it_is_built_names_every_room_and_every_low_module() -> None:
    told = BUILT.read_text(encoding="utf-8")
    rooms = {module.partition("/")[0] for module in _modules()}
    untold = [
        one for one in sorted(rooms) if f"`{one}`" not in told and f"`{one.removesuffix('.py')}/`"
        not in told and f"`{one}/`" not in told
    ]  # fmt: skip
    assert not untold


def test_every_file_that_the_page_on_how_it_is_built_names_is_there() -> None:
    told = re.findall(r"`((?:[a-z_]+/)*[a-z_]+(?:\.py|/))`", BUILT.read_text(encoding="utf-8"))
    # Names of the home folder, and places for what does not exist yet.
    elsewhere = {
        "kept/",
        "uploaded/",
        "owners/",
        "spool/",
        "tray/",
        "logs/",
        "backups/",
        "local-store/",
    }
    missing = [
        path
        for path in told
        if path not in elsewhere
        and not (ROOT / path).exists()
        and not any((ROOT / "pipeline").rglob(path.rstrip("/")))
    ]
    assert not missing


@pytest.mark.parametrize("state", State)
def test_the_page_on_how_it_is_built_tells_of_every_state(state: State) -> None:
    assert f"| `{state.name}` |" in BUILT.read_text(encoding="utf-8")
