"""What `pipeline status` says of the watcher and of the tray."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.cli.heartbeat import Heartbeat, read_heartbeat, since, watching
from pipeline.ledger.reading import LedgerReader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.tray import pending
from pipeline.values import Tally

__all__ = ["watch_document", "watch_sentences"]


def watch_sentences(home: Path, reader: LedgerReader, tally: Tally) -> Iterator[str]:
    """Give what is to be said, one sentence a line; nothing where nobody watches or waits."""
    last, alive = read_heartbeat(home), watching(home)
    if alive and last is not None:
        folders = "1 folder" if len(last.folders) == 1 else f"{len(last.folders)} folders"
        yield (
            f"watching {folders} since {since(last.started_at)}, "
            f"{reader.stored_since(_midnight())} stored today, {_on_the_way(tally, last)} waiting"
        )
        yield from (f"{folder} is gone: watched again when it is back" for folder in last.gone)
        if last.late:
            yield f"the watcher has not moved since {since(last.beat_at)}: see its log"
        if last.error is not None and last.error_at is not None:
            yield f"last trouble, {since(last.error_at)}: {last.error}"
    elif alive:
        yield "a watcher is starting"
    elif last is not None:
        yield (
            f"no watcher runs: the one that started {since(last.started_at)} ended without a word, "
            f"last seen {since(last.beat_at)}"
        )
    if shots := len(pending(str(home))):
        noted = "1 shot is" if shots == 1 else f"{shots} shots are"
        yield f"{noted} noted down and not taken in yet: a watcher or the next shot's hook does it"


def watch_document(home: Path, reader: LedgerReader) -> dict[str, Any]:
    """Give the same as JSON: `watcher` is null where none lives."""
    last = read_heartbeat(home) if watching(home) else None
    watcher = None
    if last is not None:
        watcher = {
            "pid": last.pid,
            "since": last.started_at.isoformat(),
            "seen": last.beat_at.isoformat(),
            "folders": list(last.folders),
            "gone": list(last.gone),
            "settling": last.settling,
            "last_error": last.error,
        }
    return {
        "watcher": watcher,
        "stored_today": reader.stored_since(_midnight()),
        "noted_down": len(pending(str(home))),
    }


def _midnight() -> datetime:
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC)


def _on_the_way(tally: Tally, last: Heartbeat) -> int:
    waiting = sum(tally[state] for state in (*UNFINISHED_STATES, State.WAITING))
    return waiting + last.settling
