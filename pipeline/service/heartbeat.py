"""What the watcher says of itself, and what others make of it: that one lives, and how it does.

The watcher holds a lock for as long as it lives, and writes a file every few seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pipeline.durable import replace_file
from pipeline.errors import ConfigError, LedgerError
from pipeline.home import HEARTBEAT_FILE, OWNERS_FOLDER, PRIVATE_FILE, WATCH_LOCK, WATCH_SHOPS_FILE
from pipeline.hook.inbox import entries, entries_set_aside, is_locked
from pipeline.ledger import LedgerReader
from pipeline.left_out import By, Cause, LeftOut
from pipeline.lifecycle import UNFINISHED_STATES
from pipeline.report.documents import counts_document, left_out_document
from pipeline.report.wording import left_behind_sentences, left_out_of
from pipeline.store_address import identity_of, words_of
from pipeline.values import Tally
from pipeline.wording import encodable, since

__all__ = [
    "Heartbeat",
    "WatchState",
    "forget",
    "midnight",
    "one_watcher",
    "read_heartbeat",
    "say_shops",
    "watch_state",
    "watcher_lives",
]

LOCK_SECONDS: Final = 2.0
"""A hook holds the lock for a moment to see whether it is free."""

LATE_SECONDS: Final = 60.0
"""After so long without a beat a watcher that lives is said to be stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The watcher's last word: times in UTC, folders as they were named."""

    pid: int
    started_at: datetime
    beat_at: datetime
    folders: tuple[str, ...]
    gone: tuple[str, ...]
    settling: int
    error_at: datetime | None
    error: str | None
    held_back: int = 0
    """Files that wait for an earlier one of their product, for longer than usual."""

    waits_for: tuple[str, ...] = ()
    """The files that they wait for: some of them."""

    held_up: str | None = None
    """What keeps everything from the shop until somebody mends something, as a sentence."""

    left_out: tuple[LeftOut, ...] = ()
    """What lies in the folders and is not to be taken, by what leaves it out."""

    store: Mapping[str, str | None] | None = None
    """The shop that it works for, as `store_document`; None where an earlier version wrote it."""

    @property
    def shop(self) -> str:
        """What people call that shop, where it has a name; else empty."""
        name, address = (
            (None, None)
            if self.store is None
            else (self.store.get("name"), self.store.get("address"))
        )
        return words_of(address, name) if name and address else ""

    def works_for(self, identity: str | None) -> bool:
        """Whether it works for a shop, as far as anybody knows; None is all shops."""
        address = None if self.store is None else self.store.get("address")
        return identity is None or address is None or identity_of(address) == identity

    def write(self, home: Path) -> None:
        """Put it where others find it, whole at every moment.

        Raises:
            OSError: it cannot be written.
        """
        document: dict[str, Any] = {
            "pid": self.pid,
            "started_at": self.started_at.isoformat(),
            "beat_at": self.beat_at.isoformat(),
            "folders": list(self.folders),
            "gone": list(self.gone),
            "settling": self.settling,
            "held_back": self.held_back,
            "waits_for": list(self.waits_for),
            "held_up": self.held_up,
            "left_out": [left_out_document(one) for one in self.left_out],
            "store": self.store,
            "error_at": None if self.error_at is None else self.error_at.isoformat(),
            "error": self.error,
        }
        content = json.dumps(document, indent=2).encode()
        # It is worth nothing after a power cut, so it need not outlast one.
        replace_file(str(home / HEARTBEAT_FILE), content, durable=False)

    @property
    def late(self) -> bool:
        """Whether it is so old that the watcher must be stuck, if it lives."""
        return (datetime.now(UTC) - self.beat_at).total_seconds() > LATE_SECONDS


def read_heartbeat(home: Path) -> Heartbeat | None:
    """Return the last word of the watcher of a home; None where there is none."""
    try:
        document = json.loads((home / HEARTBEAT_FILE).read_text("utf-8"))
        error_at = document["error_at"]
        return Heartbeat(
            pid=document["pid"],
            started_at=datetime.fromisoformat(document["started_at"]),
            beat_at=datetime.fromisoformat(document["beat_at"]),
            folders=tuple(document["folders"]),
            gone=tuple(document["gone"]),
            settling=document["settling"],
            held_back=document.get("held_back", 0),
            waits_for=tuple(document.get("waits_for", ())),
            held_up=document.get("held_up"),
            left_out=tuple(map(_left_out, document.get("left_out", ()))),
            store=document.get("store"),
            error_at=None if error_at is None else datetime.fromisoformat(error_at),
            error=document["error"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _left_out(document: Mapping[str, Any]) -> LeftOut:
    where = document["where"]
    return LeftOut(
        cause=Cause(By(document["by"]), None if where is None else Path(where), document["since"]),
        files=document["files"],
        folders=document["folders"],
        example=Path(document["example"]),
    )


def watcher_lives(home: Path) -> bool:
    """Whether a watcher of this home lives."""
    return is_locked(str(home), WATCH_LOCK)


@contextmanager
def one_watcher(home: Path) -> Iterator[None]:
    """Be the one watcher of a home. A lock that a dead one left is free.

    Raises:
        ConfigError: another watches already; says which, and since when.
        LedgerError: the home folder cannot be written.
    """
    # Whoever only asks how the watcher does needs no lock of this kind.
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / WATCH_LOCK, mode=PRIVATE_FILE, thread_local=False)
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        other = read_heartbeat(home)
        who = "" if other is None else f" (process {other.pid}, since {since(other.started_at)})"
        raise ConfigError(
            f"another watcher is at work already{who}: stop it first (Ctrl-C where it runs), and "
            "name all folders in one call"
        ) from None
    except OSError as error:
        raise LedgerError(f"the home folder {home} cannot be used: {error.strerror}") from error
    try:
        yield
    finally:
        forget(home)
        lock.release()


def say_shops(home: Path, shops: Iterable[str]) -> None:
    """Say to hooks which shops' shots the watcher takes in: for others they start an engine."""
    content = "".join(f"{shop}\n" for shop in sorted(shops))
    # A hook that does not find it starts an engine, which does no harm.
    with suppress(OSError):
        replace_file(str(home / WATCH_SHOPS_FILE), content.encode(), durable=False)


def forget(home: Path) -> None:
    """Take the last word away: the watcher ends as it was asked to."""
    for name in (HEARTBEAT_FILE, WATCH_SHOPS_FILE):
        with suppress(OSError):
            (home / name).unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """How the watcher of a home does; sentences, document and exit status are made of it."""

    alive: bool
    """Whether a process holds the watcher's lock."""

    last: Heartbeat | None
    """The watcher's last word; None where it has said none yet, or ended as it was asked to."""

    late: bool
    """Whether that word is so old that a watcher that lives must be stuck."""

    stored_today: int
    unfinished: int
    """Photographs that are taken in, and neither stored nor given up."""

    today: Tally = field(default_factory=lambda: Tally(counts={}, not_for_upload=0))
    """Where the photographs stand that were found today."""

    noted_down: int
    """Shots that a hook noted down and nobody has taken in."""

    set_aside: int = 0
    """What lay in the inbox and could not be taken in."""

    left: Mapping[Path, int] = field(default_factory=dict)
    """How many are not finished and nobody works on, by the folder that was named."""

    stored_in_24_hours: int = 0

    identity: str | None = None
    """The shop that is asked about; None for all."""

    @property
    def starting(self) -> bool:
        """Whether it lives and has said nothing yet."""
        return self.alive and self.last is None

    @property
    def at_work(self) -> bool:
        """Whether it lives, has begun, and moves."""
        return self.alive and self.last is not None and not self.late

    def sentences(self) -> Iterator[str]:
        """Return what is to be said, a sentence a line; nothing where nobody watches or waits."""
        if self.starting:
            yield "a watcher is starting"
        elif self.last is not None:
            yield from _of_living(self, self.last) if self.alive else _of_dead(self.last)
        if self.noted_down:
            noted = "1 shot is" if self.noted_down == 1 else f"{self.noted_down} shots are"
            does = "a watcher or the next shot's hook does it"
            yield f"{noted} noted down and not taken in yet: {does}"
        if self.set_aside:
            noted = "1 note of a shot is" if self.set_aside == 1 else f"{self.set_aside} notes are"
            yield f"{noted} set aside: `pipeline doctor` says which, and why"
        yield from left_behind_sentences(self.left)

    def document(self) -> dict[str, Any]:
        """Return the same as JSON: `watcher` is null where none lives, or none has begun."""
        last, watcher = self.last, None
        if self.alive and last is not None:
            watcher = {
                "pid": last.pid,
                "since": last.started_at.isoformat(),
                "seen": last.beat_at.isoformat(),
                "store": last.store,
                "folders": list(last.folders),
                "gone": list(last.gone),
                "settling": last.settling,
                "held_back": last.held_back,
                "waits_for": list(last.waits_for),
                "held_up": last.held_up,
                "left_out": [left_out_document(one) for one in last.left_out],
                "last_error": last.error,
            }
        return {
            "watcher": watcher,
            "stored_today": self.stored_today,
            "stored_in_24_hours": self.stored_in_24_hours,
            "today": counts_document(self.today),
            "noted_down": self.noted_down,
            "set_aside": self.set_aside,
            "not_finished": [
                {"folder": encodable(folder), "number": number}
                for folder, number in self.left.items()
            ],
        }


def watch_state(
    home: Path, reader: LedgerReader, tally: Tally, identity: str | None = None
) -> WatchState:
    """Return how the watcher of a home does at this moment.

    Args:
        home: the home folder.
        reader: the ledger, for questions about one shop or all.
        tally: how many photographs are in each state there.
        identity: of that shop; None for all.
    """
    last = read_heartbeat(home)
    unfinished = sum(tally[state] for state in UNFINISHED_STATES)
    return WatchState(
        alive=watcher_lives(home),
        last=last,
        late=last is not None and last.late,
        stored_today=reader.stored_since(midnight()),
        stored_in_24_hours=reader.stored_since(datetime.now(UTC) - timedelta(hours=24)),
        identity=identity,
        today=reader.arrived_since(midnight()),
        unfinished=unfinished,
        left=reader.left_behind(nobody_works=not _at_work(home)) if unfinished else {},
        noted_down=len(entries(str(home))),
        set_aside=len(entries_set_aside(str(home))),
    )


def _at_work(home: Path) -> bool:
    """Whether any process of this home lives that may hold claims."""
    try:
        locks = [file.name for file in (home / OWNERS_FOLDER).iterdir()]
    except OSError:
        return False
    return any(is_locked(str(home), f"{OWNERS_FOLDER}/{lock}") for lock in locks)


def _of_living(state: WatchState, last: Heartbeat) -> Iterator[str]:
    folders = "1 folder" if len(last.folders) == 1 else f"{len(last.folders)} folders"
    watching = f"watching {folders}{f' for {last.shop}' if last.shop else ''}"
    watching = f"{watching} since {since(last.started_at)}"
    if last.works_for(state.identity):
        copied = f", {last.settling} still being copied" if last.settling else ""
        yield (
            f"{watching}, {state.stored_today} stored today, {state.unfinished} not finished"
            f"{copied}"
        )
    else:
        yield watching
    yield from (f"{folder} is gone: watched again when it is back" for folder in last.gone)
    if last.held_back:
        are = "1 photograph is" if last.held_back == 1 else f"{last.held_back} photographs are"
        earlier = ", ".join(last.waits_for)
        yield f"{are} held back until an earlier one is completely written: {earlier}"
    if last.held_up is not None:
        yield last.held_up
    yield from left_out_of(last.left_out)
    if state.late:
        yield f"the watcher has not moved since {since(last.beat_at)}: see its log"
    if last.error is not None and last.error_at is not None:
        yield f"last trouble, {since(last.error_at)}: {last.error}"


def _of_dead(last: Heartbeat) -> Iterator[str]:
    yield (
        f"no watcher runs: the one that started {since(last.started_at)} ended without a word, "
        f"last seen {since(last.beat_at)}"
    )


def midnight() -> datetime:
    """Return when today began on this machine's clock, in UTC."""
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC)
