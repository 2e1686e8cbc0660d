"""What is written to the store as one: a batch, and the changes of images in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.values import StoredImage

__all__ = [
    "Batch",
    "BatchKind",
    "ChangeKind",
    "ChangeState",
    "ImageFacts",
    "PlannedChange",
    "ShopChange",
]

ImageFacts = Mapping[str, str | int | bool]
"""What may be said of an image beside its bytes: `sort_order`, `is_thumbnail`, `description`,
`image_url`; what is not named stays as it is."""


class BatchKind(StrEnum):
    """By what a batch was made."""

    RUN = "run"
    WATCH = "watch"
    """A day of the watcher's."""
    HOOK = "hook"
    """A day of the hooks'."""
    COMMAND = "command"
    """Somebody changed something by hand."""
    UNDO = "undo"
    REDO = "redo"
    """It takes back an undo."""


class ChangeKind(StrEnum):
    """What a change does to an image."""

    CREATE = "create"
    """Only in what takes back a delete: creates of photographs that arrive have their own rules."""
    UPDATE = "update"
    DELETE = "delete"


class ChangeState(StrEnum):
    """How far a change is."""

    PLANNED = "planned"
    """Nothing was sent of it."""
    INTENDED = "intended"
    """A request may have reached the store; to send it again does no harm."""
    DONE = "done"
    LEFT = "left"
    """It is not done, and will not be: its sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All that was written to the store by one run, one day of a watcher's, one undo.

    Attributes:
        number: what people call it by.
        kind: by what it was made.
        command: the command's line, without secrets.
        began_at: when the first was written down.
        ended_at: when the process that saw to it ended; None while it lives.
        takes_back: the batch that it takes back.
        taken_back_by: the batch that takes this one back, and is not taken back itself.
        created: how many images it made of photographs that arrived.
        changes: how many of its other changes there are of each kind in each state.
    """

    number: int
    kind: BatchKind
    command: str
    began_at: datetime
    ended_at: datetime | None = None
    takes_back: int | None = None
    taken_back_by: int | None = None
    created: int = 0
    changes: Mapping[tuple[ChangeKind, ChangeState], int] = field(default_factory=dict)

    def number_of(self, kind: ChangeKind) -> int:
        """Return how many changes of a kind it has made."""
        done = self.changes.get((kind, ChangeState.DONE), 0)
        return done + self.created if kind is ChangeKind.CREATE else done

    @property
    def left(self) -> int:
        """How many of its changes were left."""
        return sum(self.changes.get((kind, ChangeState.LEFT), 0) for kind in ChangeKind)

    @property
    def to_do(self) -> int:
        """How many of its changes are still to be made."""
        states = (ChangeState.PLANNED, ChangeState.INTENDED)
        return sum(self.changes.get((kind, state), 0) for kind in ChangeKind for state in states)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A change that is to be made.

    Attributes:
        kind: what it does.
        image: the store's record of it, as it was when this was decided. Where somebody has changed
            since what this is about, it is left. Of a create: as it is to be again.
        facts: what an update says of it.
        photo_id: the photograph that it is, where it is ours; a create always has one.
        main: which image was the product's main picture when it was decided that another one is to
            be; None where that does not matter.
    """

    kind: ChangeKind
    image: StoredImage
    facts: ImageFacts = field(default_factory=dict)
    photo_id: str | None = None
    main: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChange:
    """A change as it stands in the journal.

    Attributes:
        number: its own.
        batch: that it belongs to.
        kind: what it does.
        product_id: whose image it is.
        image_id: which; None of a create that is not done.
        photo_id: the photograph that it is, where it is ours.
        before: the store's record of it before; of a create: as it is to be again.
        main_before: which image was the product's main picture before, where an update changes
            that.
        facts: what the change says of it.
        state: how far it is.
        at: when it was planned.
        done_at: when it was known to be done, or left.
        sentence: why it is left.
    """

    number: int
    batch: int
    kind: ChangeKind
    product_id: int
    image_id: int | None
    photo_id: str | None
    before: StoredImage | None
    main_before: int | None
    facts: ImageFacts
    state: ChangeState
    at: datetime
    done_at: datetime | None = None
    sentence: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in (ChangeState.PLANNED, ChangeState.INTENDED)

    @property
    def words(self) -> str:
        """What it does, for people: `"order 3 → 1, main picture"`."""
        if self.kind is not ChangeKind.UPDATE:
            return "deleted" if self.kind is ChangeKind.DELETE else "created again"
        return ", ".join(_words_of(name, fact, self.before) for name, fact in self.facts.items())


def _words_of(name: str, fact: str | int | bool, before: StoredImage | None) -> str:
    if name == "is_thumbnail":
        return "main picture" if fact else "main picture no longer"
    if name == "image_url":
        return f"another picture, from {fact}"
    word = {"sort_order": "order", "description": "description"}.get(name, name)
    was = getattr(before, name, None)
    return f"{word} {'' if was in (None, '') else f'{_quoted(was)} → '}{_quoted(fact)}"


def _quoted(fact: object) -> str:
    return f"“{fact}”" if isinstance(fact, str) else str(fact)
