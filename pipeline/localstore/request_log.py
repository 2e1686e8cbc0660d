"""What the store has seen: the last requests, and counters, so that a test can judge."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["LogEntry", "RequestLog"]

KEPT: Final = 10_000


@dataclass(slots=True, kw_only=True)
class LogEntry:
    """A request, filled in as it goes on.

    Attributes:
        number: from 1, in order of arrival.
        at: when it came, in seconds since 1970.
        method: its verb.
        path: below `/v3`, without the query.
        query: without its question mark.
        status: what was answered; None: nothing (yet, or the connection was dropped).
        done: nothing happens for it any more.
        bytes: how much of its body was read.
        seconds: how long it took; None while it goes on.
        image_id: the image that it made or replaced, even if the client never heard of it.
        uploaded_name: the file name that the image came with.
        fault: the rule that it ran into, as its `name` or else its kind.
    """

    number: int
    at: float
    method: str
    path: str
    query: str
    status: int | None = None
    done: bool = False
    bytes: int = 0
    seconds: float | None = None
    image_id: int | None = None
    uploaded_name: str | None = None
    fault: str | None = None


class RequestLog:
    """The last 10,000 requests of the API, and counters of them all."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=KEPT)
        self._seen = 0
        self._counts: Counter[str] = Counter()

    def begin(self, method: str, path: str, query: str) -> LogEntry:
        """Note a request that has come."""
        self._seen += 1
        entry = LogEntry(
            number=self._seen,
            at=datetime.now(tz=UTC).timestamp(),
            method=method,
            path=path,
            query=query,
        )
        self._entries.append(entry)
        self._counts[f"method {method}"] += 1
        return entry

    def end(self, entry: LogEntry, seconds: float) -> None:
        """Note that a request has been answered, or dropped, after so many seconds."""
        entry.done = True
        entry.seconds = round(seconds, 4)
        self._counts[f"status {entry.status if entry.status is not None else 'none'}"] += 1
        if entry.fault is not None:
            self._counts["faults"] += 1

    def made(self, entry: LogEntry, image_id: int, uploaded_name: str) -> None:
        """Note that a request has made an image (a POST) or replaced its picture (a PUT)."""
        entry.image_id = image_id
        entry.uploaded_name = uploaded_name
        self._counts["images made" if entry.method == "POST" else "pictures replaced"] += 1

    def as_data(self, since: int) -> dict[str, Any]:
        """Return everything that is known.

        Args:
            since: only the requests with a higher number.
        """
        return {
            "requests": [asdict(entry) for entry in self._entries if entry.number > since],
            "counters": {"requests": self._seen, **self._counts},
        }

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._entries.clear()
        self._counts.clear()
