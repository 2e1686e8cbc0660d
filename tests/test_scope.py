"""What a command was given to work on: `pipeline.scope`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.scope import EVERYTHING, HOOK_ONLY, NOTHING, Scope


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("shop", True),
        ("shop/a.jpg", True),
        ("shop/158/a.jpg", True),
        ("shopping/a.jpg", False),
        ("a.jpg", False),
        ("one.jpg", True),
    ],
)
def test_it_holds_its_roots_and_what_lies_below_them(
    tmp_path: Path, path: str, holds: bool
) -> None:
    scope = Scope.of([tmp_path / "shop", tmp_path / "one.jpg"])
    assert scope.holds(tmp_path / path) is holds


def test_roots_are_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scope = Scope.of([Path("elsewhere") / ".." / "shop"])
    assert scope.roots == (Path(os.getcwd()) / "shop",)  # noqa: PTH109 - as it is named


def test_all_or_nothing_at_all() -> None:
    anywhere = Path("/anywhere/a.jpg")
    assert EVERYTHING.holds(anywhere)
    assert not NOTHING.holds(anywhere)
    assert not HOOK_ONLY.holds(anywhere)
