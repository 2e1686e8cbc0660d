"""Rules by which the store misbehaves, and which of them a request runs into."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Final

__all__ = ["FAULT_KINDS", "ActiveRules", "FaultRule", "InvalidRule", "parse_rules"]

FAULT_KINDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "delay": {"when": ("before", "after")},
    "answer": {"when": ("before", "after"), "body": ("json", "html", "empty")},
    "drop": {
        "when": ("before-body", "mid-body", "after-body", "after-work", "mid-answer"),
        "how": ("reset", "close"),
    },
    "garble": {
        "how": ("short", "not-json", "no-id", "html", "empty", "last-id", "product", "name"),
    },
    "drip": {},
    "late": {"then": ("drop", "answer", "silence")},
    "silence": {},
    "quota": {},
}
"""What a rule does to the words it may be told more exactly with, the usual one first."""


class InvalidRule(Exception):
    """A rule that makes no sense, with the reason in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """Which requests go wrong, and how.

    Attributes:
        name: what the log calls it; its `do` when empty.
        method: a verb, or `*`.
        path: a pattern with `*`, `?` and `[...]` for the path below `/v3`.
        probability: of a request that fits being hit, decided by `seed`.
        seed: of this rule's own chance.
        skip: how many fitting requests pass unharmed first.
        times: how many are hit at most; None: all.
        nth: only each so-manieth request of a connection fits.
        do: one of `FAULT_KINDS`.
        when: where on its way, as in `FAULT_KINDS`.
        how: in which manner, as in `FAULT_KINDS`.
        then: what the client of a `late` request gets, as in `FAULT_KINDS`.
        body: of an `answer`, as in `FAULT_KINDS`.
        seconds: how long a `delay`, the lateness of `late`, the pause of a `drip`.
        status: of an `answer`.
        bytes: that a `drip` gives between its pauses.
        headers: whether an `answer` of 429 says anything about waiting.
        retry_after: of an `answer`, in seconds; None: what the window says.
    """

    do: str
    name: str = ""
    method: str = "*"
    path: str = "*"
    probability: float = 1.0
    seed: int = 0
    skip: int = 0
    times: int | None = None
    nth: int = 1
    when: str = ""
    how: str = ""
    then: str = ""
    body: str = ""
    seconds: float = 1.0
    status: int = 503
    bytes: int = 1
    headers: bool = True
    retry_after: float | None = None


def parse_rules(data: Any) -> list[FaultRule]:
    """Return the rules of JSON data, a list of objects.

    Raises:
        InvalidRule: one of them makes no sense.
    """
    if not isinstance(data, list):
        raise InvalidRule("the rules are a list of objects")
    return [_rule(entry, f"rule {place}") for place, entry in enumerate(data, 1)]


def _rule(data: Any, where: str) -> FaultRule:
    if not isinstance(data, dict):
        raise InvalidRule(f"{where} is no object")
    unknown = set(data) - {one.name for one in fields(FaultRule)}
    if unknown:
        raise InvalidRule(f"{where}: there is no {', '.join(sorted(map(str, unknown)))}")
    words = FAULT_KINDS.get(str(data.get("do")))
    if words is None:
        raise InvalidRule(f"{where}: do is one of {', '.join(FAULT_KINDS)}")
    for name in ("when", "how", "then", "body"):
        allowed = words.get(name, ())
        if name in data and data[name] not in allowed:
            one_of = f"is one of {', '.join(allowed)}" if allowed else "is not for this"
            raise InvalidRule(f"{where}: {name} {one_of}")
    for name, kinds in _KINDS.items():
        if name in data and (type(data[name]) not in kinds):
            raise InvalidRule(f"{where}: {name} has the wrong type")
    usual = {name: allowed[0] for name, allowed in words.items()}
    rule = FaultRule(**{**usual, **data})
    if not (
        0 <= rule.probability <= 1
        and rule.seconds >= 0
        and rule.bytes >= 1
        and rule.skip >= 0
        and rule.nth >= 1
        and 200 <= rule.status <= 599
    ):
        raise InvalidRule(f"{where}: a number is out of its range")
    return rule


_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "name": (str,),
    "method": (str,),
    "path": (str,),
    "probability": (int, float),
    "seed": (int,),
    "skip": (int,),
    "times": (int, type(None)),
    "nth": (int,),
    "seconds": (int, float),
    "status": (int,),
    "bytes": (int,),
    "headers": (bool,),
    "retry_after": (int, float, type(None)),
}


@dataclass(slots=True)
class _Armed:
    rule: FaultRule
    chance: random.Random
    seen: int = 0
    hit: int = 0


@dataclass(slots=True)
class ActiveRules:
    """The rules in force, and how often each was met."""

    _armed: list[_Armed] = field(default_factory=list)

    def arm(self, rules: list[FaultRule]) -> None:
        """Put rules in place of the ones before; their counts and chances begin anew."""
        # Seeded on purpose: a rehearsal that went wrong must be repeatable.
        self._armed = [_Armed(rule, random.Random(rule.seed)) for rule in rules]  # noqa: S311

    def choose(self, method: str, path: str, number: int = 1) -> FaultRule | None:
        """Return the first rule that a request runs into; None: it goes through.

        Args:
            method: its verb.
            path: below `/v3`.
            number: which request of its connection it is, from 1.
        """
        for armed in self._armed:
            rule = armed.rule
            if rule.method not in ("*", method) or not fnmatchcase(path, rule.path):
                continue
            if number % rule.nth:
                continue
            armed.seen += 1
            if armed.seen <= rule.skip or (rule.times is not None and armed.hit >= rule.times):
                continue
            if armed.chance.random() < rule.probability:
                armed.hit += 1
                return rule
        return None

    def as_data(self) -> list[dict[str, Any]]:
        """Return the rules with `seen`, the requests that fitted, and `hit`, those hit."""
        return [
            {**asdict(armed.rule), "seen": armed.seen, "hit": armed.hit} for armed in self._armed
        ]
