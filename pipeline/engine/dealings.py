"""How the dealings with the store go: who asks it just now, and what is in the way.

What concerns all photographs, and may last until somebody does something, is said once, and once
when it is over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any

from pipeline.engine.alike import ENOUGH, Alike
from pipeline.engine.ports import Observer, Stages
from pipeline.errors import StoreDenied, StoreError, StoreIntercepted, StoreRefusesAll
from pipeline.values import Photo

__all__ = ["Dealings"]


class _Hurdle(Enum):
    """What is in the way of all; its value says that, and that it is over."""

    STRANGER = (
        "nothing is sent until the shop itself answers: {}",
        "the shop itself answers again: uploads go on",
    )
    DENIAL = (
        "nothing is sent until this is put right: {}",
        "the shop takes the token again: uploads go on",
    )
    REFUSALS = (
        "uploads are paused: {}",
        "the pause after so many refusals is over: uploads go on",
    )


class Dealings:
    """Told by the engine, asked by whoever watches over the end; threads share it."""

    def __init__(self, observer: Observer) -> None:
        """Begin without having heard of the store.

        Args:
            observer: is told once what holds up all, and once when it is over.
        """
        self._observer = observer
        self._lock = threading.Lock()
        self._asking = 0
        self._trouble: StoreError | None = None
        self._hurdles: dict[_Hurdle, str] = {}
        self._alike = Alike()

    @property
    def asking(self) -> int:
        """How many threads wait for the store at this moment."""
        with self._lock:
            return self._asking

    @property
    def trouble(self) -> StoreError | None:
        """What went wrong last; None where one got into the store since."""
        return self._trouble

    @property
    def held_up(self) -> str | None:
        """What holds up all, as a sentence; None where nothing does."""
        with self._lock:
            return next(iter(self._hurdles.values()), None)

    @property
    def failed_alike(self) -> tuple[str, ...]:
        """The ids of the photographs that failed by the refusals which hold up all others."""
        return self._alike.failed

    def counting(self, stages: Stages) -> Stages:
        """Return the same stages, which count who waits in one that asks the store."""
        return replace(
            stages,
            place=self._counted(stages.place),
            deliver=self._counted(stages.deliver),
            find=self._counted(stages.find),
            images=self._counted(stages.images),
            images_of=self._counted(stages.images_of),
            answers=self._counted(stages.answers),
            learn=self._counted(stages.learn),
        )

    def _counted(self, stage: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            with self._lock:
                self._asking += 1
            try:
                return stage(*given)
            finally:
                with self._lock:
                    self._asking -= 1

        return counted

    def went_wrong(self, error: Exception) -> None:
        """Note what went wrong; say that somebody in between answers."""
        if isinstance(error, StoreError):
            self._trouble = error
        if isinstance(error, StoreIntercepted):
            self._holds_up(_Hurdle.STRANGER, error)

    def denied(self, error: StoreDenied) -> None:
        """Note, and say, that the store takes nothing until somebody mends something."""
        alike = isinstance(error, StoreRefusesAll)
        self._holds_up(_Hurdle.REFUSALS if alike else _Hurdle.DENIAL, error)

    def refused(self, photo: Photo, sentence: str, *, others_due: bool = False) -> bool:
        """Note that the store refused a photograph; return whether that is its own matter.

        Args:
            photo: the photograph.
            sentence: what the store said.
            others_due: there are other products to be sent to.
        """
        self.answered()
        return self._alike.refused(photo, sentence, others_due=others_due)

    def refuses_all(self, sentence: str) -> StoreRefusesAll | None:
        """Return the error for a store that refuses one after another alike; None if it does not.

        Args:
            sentence: of the last refusal.
        """
        if not self._alike.failed:
            return None
        return StoreRefusesAll(
            f"{ENOUGH} photographs one after another were refused for the same reason "
            f"({sentence}): is a setting, the recipe or the products' names wrong? "
            "`pipeline retry --failed` tries them again"
        )

    def answered(self) -> None:
        """Note that the store itself gave an answer, and takes the token."""
        self._is_over(_Hurdle.STRANGER, _Hurdle.DENIAL)

    def went_well(self) -> None:
        """Note that a photograph is in the store."""
        self._trouble = None
        self.begin_anew()
        self.answered()

    def begin_anew(self) -> None:
        """Forget the refusals: somebody has done something, or one was taken."""
        self._alike.forget()
        self._is_over(_Hurdle.REFUSALS)

    def _holds_up(self, hurdle: _Hurdle, error: StoreError) -> None:
        with self._lock:
            news = hurdle not in self._hurdles
            self._hurdles[hurdle] = sentence = hurdle.value[0].format(error)
        if news:
            self._observer.warned(sentence)

    def _is_over(self, *hurdles: _Hurdle) -> None:
        with self._lock:
            gone = [one for one in hurdles if self._hurdles.pop(one, None) is not None]
        for one in gone:
            self._observer.said(one.value[1])
