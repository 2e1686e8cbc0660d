"""How the dealings with the store go: who asks it just now, and what it last had trouble with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pipeline.engine.ports import Observer, Stages
from pipeline.errors import StoreError, StoreIntercepted

__all__ = ["Dealings"]


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
        self._trouble: str | None = None
        self._intercepted = False

    @property
    def asking(self) -> int:
        """How many threads wait for the store at this moment."""
        with self._lock:
            return self._asking

    @property
    def trouble(self) -> str | None:
        """What went wrong last, as a sentence; None where one got into the store since."""
        return self._trouble

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
        )

    def _counted(self, stage: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            with self._asked():
                return stage(*given)

        return counted

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Count this thread as one that waits for the store."""
        with self._lock:
            self._asking += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1

    def went_wrong(self, error: Exception) -> None:
        """Note what went wrong; say once where it may last until somebody does something."""
        if isinstance(error, StoreError):
            self._trouble = str(error)
        if isinstance(error, StoreIntercepted) and not self._intercepted:
            self._intercepted = True
            self._observer.warned(f"uploads wait until the store answers itself: {error}")

    def went_well(self) -> None:
        """Note that a photograph is in the store."""
        self._trouble = None
        self.answered()

    def answered(self) -> None:
        """Note that the store itself gave a good answer."""
        if self._intercepted:
            self._intercepted = False
            self._observer.said("the store answers itself again: uploads go on")
