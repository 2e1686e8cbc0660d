"""Patterns mean what they mean to Git: held against `git check-ignore`, on trees made at random."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.intake.choice import IGNORE_FILE, Choice
from pipeline.intake.patterns import Patterns, text_of

NAMES = [
    "a",
    "b",
    "ab",
    "foo",
    "bar",
    "a.jpg",
    "b.jpg",
    "Foo",
    "x y",
    "#h",
    "!n",
    "a[b",
    "-",
    "c.d",
]
SIGNS = [
    "*", "**", "a*", "*.jpg", "?", "[ab]", "[!a]*", "f?o", "*o*", "[a-c]*", "\\#h", "\\!n", "#h",
    "x\\ y", "x y", "a\\[b", "[", "a**b", "**a", "**.jpg", "?*", "\\*",
]  # fmt: skip
Tree = Mapping[str, bool]
"""Paths, and whether each is a folder."""


def pattern(chance: random.Random) -> str:
    parts = [
        chance.choice(SIGNS if chance.random() < 0.55 else NAMES)
        for _ in range(chance.choice([1, 1, 1, 2, 2, 3]))
    ]
    text = "/".join(parts)
    text = f"/{text}" if chance.random() < 0.25 else text
    text = f"{text}/" if chance.random() < 0.3 else text
    text = f"!{text}" if chance.random() < 0.3 else text
    text += chance.choice([" ", "  ", "\\ "]) if chance.random() < 0.05 else ""
    return f"#{text}" if chance.random() < 0.03 else text


def world(chance: random.Random) -> tuple[Tree, Mapping[str, Sequence[str]]]:
    tree: dict[str, bool] = {}
    folders = [""]
    for _ in range(25):
        path = chance.choice(folders) + chance.choice(NAMES)
        if path not in tree:
            tree[path] = chance.random() < 0.4
            folders += [f"{path}/"] if tree[path] else []
    at = chance.sample(folders, min(len(folders), chance.choice([1, 1, 2, 3])))
    return tree, {one: [pattern(chance) for _ in range(chance.randint(1, 5))] for one in at}


def lay_down(top: Path, tree: Tree, patterns: Mapping[str, Sequence[str]]) -> None:
    for path, is_folder in tree.items():
        (top / path).mkdir() if is_folder else (top / path).touch()
    for folder, lines in patterns.items():
        for name in (".gitignore", IGNORE_FILE):
            (top / folder / name).write_text("\n".join(lines) + "\n", "utf-8")


def git_says(top: Path, tree: Tree) -> set[str]:
    called = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "-z", "--no-index", "--stdin"],
        cwd=top,
        input="".join(f"{path}\0" for path in tree).encode(),
        capture_output=True,
        check=False,
    )
    return {path.decode() for path in called.stdout.split(b"\0") if path}


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no Git to ask")
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_git_ignores_is_left_out_and_nothing_else(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tree, patterns = world(random.Random(seed))
    top = tmp_path_factory.mktemp("tree")
    lay_down(top, tree, patterns)
    subprocess.run(["git", "init", "-q"], cwd=top, check=True)
    choice = Choice()
    left_out = {
        path
        for path, folder in tree.items()
        if choice.of_path(top / path, top, folder=folder) is not None
    }
    assert left_out == git_says(top, tree), (seed, patterns)
    shutil.rmtree(top)


@pytest.mark.parametrize(
    ("lines", "path", "folder", "verdict"),
    [
        (["*.jpg"], "SM-13/a.jpg", False, True),
        (["*.jpg", "!a.jpg"], "a.jpg", False, False),
        (["!a.jpg", "*.jpg"], "a.jpg", False, True),
        (["/a.jpg"], "SM-13/a.jpg", False, None),
        (["drafts/"], "drafts", False, None),
        (["drafts/"], "SM-13/drafts", True, True),
        (["drafts/**"], "drafts", True, None),
        (["SM-13/**/b.jpg"], "SM-13/x/y/b.jpg", False, True),
        (["# a", "", "   ", "/", "!", "!/", "[", "[b-"], "a", False, None),
        (["\\#1.jpg"], "#1.jpg", False, True),
        (["a.jpg  "], "a.jpg", False, True),
        (["a.jpg\\ "], "a.jpg ", False, True),
        (["Zubeho\u0308r"], "Zubeh\u00f6r", True, True),
        (["Zubeh\u00f6r*"], "Zubeho\u0308r 2", True, True),
    ],
)
def test_a_pattern_means_what_people_know(
    lines: Sequence[str], path: str, folder: bool, verdict: bool | None
) -> None:
    assert Patterns(lines, ignore_case=False).verdict(path, folder=folder) is verdict


def test_what_no_pattern_means_fits_nothing_and_nobody_is_warned() -> None:
    odd = Patterns(["[[:alpha:]]", "[[a]", "[z-a]", "a[&&b]", "x[--y]", "**//**", "\\"])
    assert odd.verdict("c.jpg", folder=False) is None


def test_where_the_disk_does_not_tell_capitals_patterns_do_not_either() -> None:
    both = Patterns(["Rejected/", "*.JPG"], ignore_case=True)
    assert both.verdict("REJECTED", folder=True) is True
    assert both.verdict("a.jpg", folder=False) is True
    assert Patterns(["Rejected/"], ignore_case=False).verdict("REJECTED", folder=True) is None


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_with_patterns_is_read_as_the_usual_programs_write_it(coding: str) -> None:
    assert text_of("Entwürfe/\n*.tif\n".encode(coding)) == "Entwürfe/\n*.tif\n"


def test_a_name_that_is_no_utf_8_is_met_by_the_same_bytes() -> None:
    name = b"caf\xe9.jpg"
    meant = Patterns(text_of(name).splitlines())
    assert meant.verdict(name.decode("utf-8", "surrogateescape"), folder=False) is True
