"""Bytes that are kept under their digest until no photograph needs them."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from pipeline.errors import LedgerError
from pipeline.kept import Kept
from pipeline.values import Original

CONTENT = b"a photograph"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ORIGINAL = Original(sha256=DIGEST, size=len(CONTENT), path=Path("/a/1.jpg"), root=Path("/a"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "tray" / ".copy"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "kept")


def names(kept: Path) -> list[str]:
    return sorted(path.name for path in kept.iterdir())


@pytest.mark.parametrize("links", [True, False])
def test_what_is_kept_is_found_by_its_digest_and_outlives_the_copy(
    tmp_path: Path, kept: Kept, copy: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> None:
        raise PermissionError("this disk knows no second name")

    if not links:
        monkeypatch.setattr(os, "link", cannot)
    assert kept.located(ORIGINAL) == ORIGINAL
    for _ in range(2):  # a process may have died in the middle
        kept.keep(copy, DIGEST)
    copy.unlink()
    found = kept.located(ORIGINAL)
    assert found.kept is not None
    assert found.kept.read_bytes() == CONTENT
    assert found.path == ORIGINAL.path
    assert names(tmp_path / "kept") == [DIGEST]


def test_half_of_it_is_not_taken_for_it(tmp_path: Path, kept: Kept, copy: Path) -> None:
    kept.keep(copy, DIGEST)
    copy.unlink()
    (tmp_path / "kept" / DIGEST).write_bytes(CONTENT[:5])
    assert kept.located(ORIGINAL).kept is None
    copy.write_bytes(CONTENT)
    kept.keep(copy, DIGEST)
    assert kept.located(ORIGINAL).kept is not None


def test_it_goes_when_no_photograph_needs_it(tmp_path: Path, kept: Kept, copy: Path) -> None:
    kept.keep(copy, DIGEST)
    kept.release(DIGEST, lambda _: True)
    assert names(tmp_path / "kept") == [DIGEST]
    kept.release(DIGEST, lambda _: False)
    assert names(tmp_path / "kept") == []


def test_nobody_is_asked_about_what_is_not_kept(kept: Kept) -> None:
    def asked(sha256: str) -> bool:
        raise AssertionError(sha256)

    kept.release(DIGEST, asked)
    kept.release("", asked)
    kept.sweep(asked, time.time())


def test_the_sweep_leaves_what_is_needed_and_what_may_just_be_coming_in(
    tmp_path: Path, kept: Kept, copy: Path
) -> None:
    folder = tmp_path / "kept"
    needed, done, unknown = ("a" * 64, "b" * 64, "c" * 64)
    for name in (needed, done, unknown):
        kept.keep(copy, name)
    (folder / ".d.1.part").write_bytes(b"half")
    answers = {needed: True, done: False}
    kept.sweep(answers.get, time.time() - 60)
    assert names(folder) == [".d.1.part", needed, unknown]
    assert kept.tally() == (2, 2 * len(CONTENT))
    kept.sweep(answers.get, time.time() + 60)
    assert names(folder) == [needed]


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(
    tmp_path: Path, kept: Kept, copy: Path
) -> None:
    (tmp_path / "kept").write_bytes(b"no folder")
    with pytest.raises(LedgerError, match="free some space, or check its permissions"):
        kept.keep(copy, DIGEST)
    assert copy.read_bytes() == CONTENT
