"""Named places where a test makes this process die or a call fail; nothing at all otherwise.

Every durable step and every network step has one before it and one after it. They are armed by
the environment variable `PIPELINE_FAULT_POINTS`, a list of `ACTION:NAME@TIME` with semicolons
between, such as `kill:after ledger.intend@1`: the first time that the named place is reached,
the process ends as by `kill -9`. `fail` makes the call fail there as it can fail in life. With
`trace:FILE` every place that is reached is written to a file, so that a test need not know them.

Nothing else in the program behaves differently when they are armed, and the most that they can
do is what a power cut does, from which the program recovers anyway.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

__all__ = ["VARIABLE", "arm", "armed", "around", "reach", "wrapped"]

VARIABLE: Final = "PIPELINE_FAULT_POINTS"

_Wrapped = TypeVar("_Wrapped")


class _Plan:
    def __init__(self, text: str) -> None:
        self._lock = threading.Lock()
        self._reached: Counter[str] = Counter()
        self._actions: dict[tuple[str, int], str] = {}
        self._trace: Path | None = None
        for entry in filter(None, map(str.strip, text.split(";"))):
            action, _, rest = entry.partition(":")
            if action == "trace":
                self._trace = Path(rest)
                continue
            name, _, time = rest.rpartition("@")
            if action not in ("kill", "fail") or not name or not time.isdecimal():
                raise ValueError(f"{VARIABLE}: {entry!r} is not ACTION:NAME@TIME")
            self._actions[name, int(time)] = action

    def reach(self, name: str, error: Callable[[str], Exception]) -> None:
        with self._lock:
            self._reached[name] += 1
            time = self._reached[name]
            if self._trace is not None:
                with self._trace.open("a", encoding="utf-8") as file:
                    file.write(f"{name}@{time}\n")
        action = self._actions.get((name, time))
        if action == "kill":
            import signal

            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        if action == "fail":
            raise error(f"fault point: {name}")


_plan: _Plan | None = None


def arm(text: str | None) -> None:
    """Arm the fault points; with None or an empty text they do nothing.

    Raises:
        ValueError: the text makes no sense.
    """
    global _plan
    _plan = _Plan(text) if text else None


def armed() -> bool:
    """Whether any fault point does anything."""
    return _plan is not None


def reach(name: str, error: Callable[[str], Exception] = OSError) -> None:
    """Do what is planned for this place, nearly always nothing.

    Args:
        name: of the place.
        error: makes what is raised where the call is to fail.
    """
    if _plan is not None:
        _plan.reach(name, error)


def around(
    name: str,
    function: Callable[..., Any],
    before: Callable[[str], Exception] = OSError,
    after: Callable[[str], Exception] | None = None,
) -> Callable[..., Any]:
    """Return the function with a place before and one after it, `before NAME` and `after NAME`.

    Args:
        name: of the function.
        function: what is to be between them.
        before: how it fails before it has begun.
        after: how it fails when its work is done; None: as before.
    """

    def between(*given: Any, **named: Any) -> Any:
        reach(f"before {name}", before)
        result = function(*given, **named)
        reach(f"after {name}", after or before)
        return result

    return between


def wrapped(name: str, thing: _Wrapped, error: Callable[[str], Exception]) -> _Wrapped:
    """Return an object whose every method has a place before and one after it."""
    return cast("_Wrapped", _Around(name, thing, error))


class _Around:
    def __init__(self, name: str, thing: Any, error: Callable[[str], Exception]) -> None:
        self._name = name
        self._thing = thing
        self._error = error

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._thing, attribute)
        if not callable(found):
            return found
        return around(f"{self._name}.{attribute}", found, self._error)
