"""One photograph, a store in some trouble, and processes that die where they are told."""

from __future__ import annotations

import itertools
import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from PIL import Image

from pipeline.faultpoints import VARIABLE
from tests.forkserver import ForkServer
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command
from tests.stories.judge import judge

__all__ = ["SCENARIOS", "FaultWorld"]

CREATE = {"method": "POST", "path": "/catalog/products/{}/images", "times": 1}

SCENARIOS: dict[str, dict[str, Any] | None] = {
    "all is well": None,
    "made, answer lost": {"do": "drop", "when": "after-work", "how": "reset"},
    "not made, answer lost": {"do": "drop", "when": "after-body", "how": "reset"},
    "asked to wait": {"do": "answer", "status": 429, "headers": False},
    "finished late": {"do": "late", "then": "answer", "status": 504, "seconds": 0.3},
}
"""What the store does to the first create call of a photograph."""

SETTLE = 0.6

KILLED = -9


@dataclass
class _Case:
    product: int
    command: Command
    path: Path
    log: Path


def _asks_only(place: str) -> bool:
    """Whether it is one of the questions that are asked every half second."""
    name, _, time = place.rpartition("@")
    return time != "1" and name.partition("ledger.")[2] in (
        "claim_next",
        "photo",
        "any_unfinished",
        "unfinished",
        "sheet",
    )


def _worth_trying(places: list[str]) -> list[str]:
    return [place for place in places if not _asks_only(place)]


class FaultWorld:
    """A store and a fork server; every case has a product and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._store = self._stack.enter_context(
            StoreProcess(
                self._folder / "store", "--open", "--plan", "unlimited", as_described=False
            )
        )
        self._run = self._stack.enter_context(ForkServer())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def places(self, scenario: str) -> list[str]:
        """Return every place that a run reaches, in order, each as `name@time`."""
        case = self._case(scenario)
        trace = self._traced(case, "")
        problem = self._problem(case)
        assert problem is None, problem
        return _worth_trying(trace)

    def reached(self, scenario: str, first: str) -> list[str]:
        """Return every place that is reached after a first `kill:PLACE` or `fail:PLACE`.

        After a kill by the next run, after a call that failed by the same one.
        """
        case = self._case(scenario)
        action, _, place = first.partition(":")
        if action == "kill":
            self._go(case, first)
            return _worth_trying(self._traced(case, ""))
        trace = self._traced(case, first)
        return _worth_trying(trace[trace.index(place) + 1 :] if place in trace else [])

    def trial(self, scenario: str, plans: list[str]) -> str | None:
        """Run once under each plan, then undisturbed; give what is wrong in the end.

        A `kill` at the first time of its place that is not reached is told as well, but only of the
        first plan: a second run may be over before it comes to its place, and how often a place is
        reached depends on how often a run looks.
        """
        case = self._case(scenario)
        for number, plan in enumerate(plans):
            status = self._go(case, plan)
            certain = number == 0 and plan.startswith("kill:") and plan.endswith("@1")
            if certain and status != KILLED:
                return f"{plan} in “{scenario}”: ended with {status} instead of being killed"
        for _ in range(3):
            if self._go(case, "") == 0:
                break
        problem = self._problem(case)
        if problem is None:
            return None
        return f"{' then '.join(plans)} in “{scenario}”: {problem}\n{case.log.read_text()[-800:]}"

    def _case(self, scenario: str) -> _Case:
        product = next(self._numbers)
        folder = self._folder / f"case-{product}"
        folder.mkdir()
        command = Command(
            folder / "home",
            self._store,
            settle_after=SETTLE,
            patience=30,
            workers=1,
            uploads=1,
            read_timeout=5,
        )
        # Of noise, so that its body is handed over in several pieces.
        path = folder / str(product) / "a.png"
        path.parent.mkdir()
        Image.frombytes("RGB", (110, 80), random.Random(product).randbytes(110 * 80 * 3)).save(path)
        fault = SCENARIOS[scenario]
        create = {**CREATE, "path": CREATE["path"].format(product)}  # type: ignore[attr-defined]
        self._store.misbehave(*([] if fault is None else [{**fault, **create}]))
        return _Case(product, command, path, folder / "log")

    def _go(self, case: _Case, plan: str) -> int:
        environment = {**case.command.environment, VARIABLE: plan}
        return self._run(
            ["run", "--quiet", "--product", str(case.product), str(case.path)],
            environment,
            case.log,
        )

    def _traced(self, case: _Case, plan: str) -> list[str]:
        trace = case.log.with_suffix(".trace")
        self._go(case, f"trace:{trace};{plan}")
        return trace.read_text().splitlines() if trace.exists() else []

    def _problem(self, case: _Case) -> str | None:
        verdict = judge(
            self._store, case.command.home / "ledger.sqlite3", {case.path: case.product}
        )
        if not verdict.good or verdict.stored != 1:
            return str(verdict)
        return None
