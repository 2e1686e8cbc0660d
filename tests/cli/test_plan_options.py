"""What `--save` and `--plan` refuse; what they do is told in `tests/stories/test_plan.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1]\n", "it is no plan"),
        ("no json", "it is no plan"),
        ("", "is no plan of this version"),
        ('{"plan": 99, "asked": {}}\n', "is no plan of this version"),
    ],
)
def test_what_is_no_plan_is_refused(
    studio: Studio, tmp_path: Path, content: str, said: str
) -> None:
    wrong = tmp_path / "plan.json"
    wrong.write_text(content)
    run = studio.pipeline("run", "--plan", wrong)
    assert run.status == 2
    assert said in run.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--save", "p"), "give --dry-run, too"),
        (("plan", "--save", "p", "--limit", "2"), "whole files and folders"),
        (("plan", "--save", "p", "--quiet"), "a plan is shown"),
        (("plan", "--save", "no/such/p"), "cannot be written"),
    ],
)
def test_a_plan_that_makes_no_sense_is_not_kept(
    studio: Studio, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    words = tuple(str(tmp_path / one) if one.endswith("p") else one for one in words)
    told = studio.pipeline(*words, studio.stored)
    assert told.status == 2
    assert said in told.err
    assert list(tmp_path.iterdir()) == []


def test_what_a_plan_says_is_not_said_again(studio: Studio, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    studio.pipeline("plan", "--save", plan, studio.stored).well()
    assert "leave out all of that" in studio.pipeline("run", "--plan", plan, studio.stored).err
    studio.pipeline("run", "--plan", plan).well()
