"""`pipeline plan` is a dry run under its own name, with the options of `run` that make sense."""

from __future__ import annotations

from pipeline.cli.plan import plan
from pipeline.cli.run import run
from tests.cli.conftest import Studio


def test_it_has_the_options_of_a_run_but_for_those_that_do_something() -> None:
    of_plan, of_run = ({one.name for one in command.params} for command in (plan, run))
    assert of_run - of_plan == {"dry_run", "verify", "yes", "plan"}
    assert of_plan <= of_run


def test_it_does_nothing_and_says_so(studio: Studio) -> None:
    before = len(studio.store.images(158))
    told = studio.pipeline("plan", studio.stored)
    assert told.status == 0
    assert "already stored" in told.out
    assert len(studio.store.images(158)) == before
