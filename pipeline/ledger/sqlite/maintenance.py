"""Looking after the ledger's file: is it whole, a copy of it, a damaged one out of the way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from pipeline.durable import put_in_place
from pipeline.errors import LedgerDamaged, LedgerError
from pipeline.home import OWNERS_FOLDER
from pipeline.ledger.rows import photo_of
from pipeline.ledger.sqlite.connection import translated
from pipeline.ledger.sqlite.owners import is_dead
from pipeline.ledger.sqlite.schema import STEPS_BETWEEN, VERSION
from pipeline.ledger.turns import BY_HOOKS
from pipeline.lifecycle import Reason
from pipeline.values import Door
from pipeline.wording import encodable

__all__ = [
    "Problem",
    "ProblemKind",
    "back_up",
    "copy_ledger",
    "give_back",
    "in_use",
    "move_aside_if_damaged",
    "problems_of",
]


SOON_SECONDS: Final = 1.0
"""So long it is waited for others before it is left for another time."""


class ProblemKind(Enum):
    """What it takes to mend a problem depends on its kind."""

    DAMAGED = auto()
    """The file itself is not whole."""

    VERSION = auto()
    """Another version of the program made its tables."""

    DISAGREES = auto()
    """The file is whole, and a row contradicts another or makes no sense."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a ledger, and the sentence for people."""

    kind: ProblemKind
    sentence: str


# Each question gives the rows that break a rule, with the path first.
_RULES: Final = (
    (
        "is said to be in state {1}, and its history ends with {2}",
        "SELECT p.path, p.state, h.after FROM photos p JOIN history h ON h.seq = "
        "(SELECT max(seq) FROM history WHERE photo = p.id) WHERE h.after <> p.state",
    ),
    (
        "has no history",
        "SELECT p.path FROM photos p "
        "WHERE NOT EXISTS (SELECT 1 FROM history h WHERE h.photo = p.id)",
    ),
    (
        "is finished ({1}) and still held by a process",
        "SELECT path, state FROM photos WHERE lease IS NOT NULL AND state NOT IN "
        "('received', 'validated', 'prepared', 'uploading')",
    ),
    (
        "is held by a process that is not in our records",
        "SELECT path FROM photos WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM owners)",
    ),
    (
        "is placed in product {1}, and its row says {2}",
        "SELECT path, said, product_id FROM (SELECT path, product_id, CASE WHEN "
        "json_valid(placement) THEN json_extract(placement, '$.product_id') END AS said "
        "FROM photos WHERE placement IS NOT NULL) WHERE said IS NOT product_id",
    ),
    (
        "is stored as image {1}, and its record says {2}",
        "SELECT path, image_id, said FROM (SELECT path, image_id, CASE WHEN json_valid(image) "
        "THEN json_extract(image, '$.id') END AS said FROM photos WHERE state = 'stored') "
        "WHERE said IS NOT image_id",
    ),
    (
        "is stored as image {1} of product {2}, which another photograph is, too",
        "SELECT p.path, p.image_id, p.product_id FROM photos p WHERE p.state = 'stored' AND EXISTS "
        "(SELECT 1 FROM photos q WHERE q.store = p.store AND q.product_id = p.product_id "
        "AND q.image_id = p.image_id AND q.state = 'stored' AND q.id <> p.id)",
    ),
    (
        "is in state {1} and has an attempt without an end",
        "SELECT p.path, p.state FROM photos p WHERE p.state <> 'uploading' AND EXISTS "
        "(SELECT 1 FROM attempts a WHERE a.photo = p.id AND a.ended_at IS NULL)",
    ),
    (
        "is said to be {1} and no reason is given",
        "SELECT path, state FROM photos WHERE state IN ('refused', 'failed', 'waiting') "
        "AND reason IS NULL",
    ),
)


def problems_of(file: Path) -> list[Problem]:
    """Return everything that is wrong with a ledger; nothing is changed.

    Raises:
        LedgerDamaged: it is so damaged that it cannot be asked.
        LedgerError: it cannot be opened, or is no ledger.
    """
    if not file.exists():
        raise _no_ledger(file)
    with (
        translated(file),
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as connection,
    ):
        # Open for writing: what a power cut left half written can only then be undone.
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA busy_timeout = 30000")
        # A writer may be at work: all questions are about one moment.
        connection.execute("BEGIN")
        damage = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
        if damage != ["ok"]:
            return [Problem(ProblemKind.DAMAGED, f"the file is damaged: {line}") for line in damage]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version != VERSION:
            sentence = f"its tables are version {version}, and this program's are {VERSION}"
            return [Problem(ProblemKind.VERSION, sentence)]
        questions = (_references, _disagreements, _miscounted, _not_found, _unreadable)
        return [
            Problem(ProblemKind.DISAGREES, sentence)
            for question in questions
            for sentence in question(connection)
        ]


def back_up(source: Path, target: Path) -> None:
    """Copy a ledger while it is in use, and prove the copy before it gets its name.

    Raises:
        LedgerError: it cannot be read, the copy cannot be written, or is not whole.
    """
    if target.exists():
        raise LedgerError(f"{target} is there already: name another file")
    if not source.exists():
        raise _no_ledger(source)
    unproven = target.with_name(f".{target.name}.part")
    with translated(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        unproven.unlink(missing_ok=True)
    try:
        copy_ledger(source, unproven)
        # One of another version is copied as it is: whoever brings it forward wants it before that.
        problems = [one for one in problems_of(unproven) if one.kind is not ProblemKind.VERSION]
        if problems:
            raise LedgerError(
                f"the copy of {source} is not good ({problems[0].sentence}): see `check`"
            )
        with translated(target):
            put_in_place(str(unproven), str(target))
    finally:
        unproven.unlink(missing_ok=True)


def copy_ledger(source: Path, target: Path) -> None:
    """Copy a ledger, also while others write to it, without changing anything that it holds.

    What a killed process left half written is rolled back, which takes the right to write.

    Raises:
        LedgerError: it cannot be read.
    """
    with (
        translated(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)


def in_use(file: Path) -> bool:
    """Whether a process is alive that may write to a ledger at any time."""
    folder = file.parent / OWNERS_FOLDER
    return any(not is_dead(folder, lock.stem) for lock in folder.glob("*.lock"))


def give_back(file: Path, goes_on: Callable[[], None] = lambda: None) -> int | None:
    """Give the room in a ledger's file that nothing is in back to the disk.

    All of it is copied, and put in its place by one transaction: while that lasts, nobody can ask
    or write, and for that time the disk holds it two or three times. An interruption, of whatever
    kind, leaves it as it was.

    Args:
        file: the ledger, which no process is at work on (`in_use`).
        goes_on: is called every now and then; what it raises ends it.

    Returns:
        How many bytes shorter the file is now; None where somebody was at it, or where the disk
        has no room for the copy.

    Raises:
        LedgerError: it cannot be read or written.
    """
    before = file.stat().st_size
    stopped: list[BaseException] = []

    def look() -> int:
        try:
            goes_on()
        except BaseException as error:
            stopped.append(error)
        return len(stopped)

    with (
        translated(file),
        closing(sqlite3.connect(file, timeout=SOON_SECONDS, isolation_level=None)) as connection,
    ):
        for pragma in ("journal_mode = TRUNCATE", "synchronous = FULL", "fullfsync = ON"):
            connection.execute(f"PRAGMA {pragma}")
        # Beside it: where others keep what is for a while, there may be no room.
        place = str(file.parent.absolute()).replace("'", "''")
        connection.execute(f"PRAGMA temp_store_directory = '{place}'")
        connection.set_progress_handler(look, STEPS_BETWEEN)
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as error:
            if stopped:
                raise stopped[0] from error
            if error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL"):
                return None
            raise
        finally:
            connection.execute("PRAGMA temp_store_directory = ''")
    return before - file.stat().st_size


def move_aside_if_damaged(file: Path, stamp: str) -> Path | None:
    """Move a ledger that is damaged out of the way, with its journal, and return its new place.

    Args:
        file: the database file.
        stamp: what its new name ends with.

    Returns:
        None where there is none, or it is not damaged.

    Raises:
        LedgerError: it cannot be read though it is not damaged, a process that uses it is alive,
            or it cannot be moved.
    """
    if not file.exists() or not _is_damaged(file):
        return None
    if in_use(file):
        raise LedgerError(
            "another `pipeline` process is at work on the damaged records: end it first"
        )
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    with translated(file):
        for ending in ("", "-journal"):
            part = file.with_name(file.name + ending)
            if part.exists():
                part.replace(aside.with_name(aside.name + ending))
    return aside


def _is_damaged(file: Path) -> bool:
    try:
        return any(problem.kind is ProblemKind.DAMAGED for problem in problems_of(file))
    except LedgerDamaged:
        return True


def _references(connection: sqlite3.Connection) -> Iterator[str]:
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of {row[0]} belongs to no photograph"


def _disagreements(connection: sqlite3.Connection) -> Iterator[str]:
    for sentence, question in _RULES:
        for row in connection.execute(question):
            yield f"{_path(row[0])} {sentence.format(*row)}"


def _miscounted(connection: sqlite3.Connection) -> Iterator[str]:
    counted = (
        "SELECT store, state, reason IS 'not_for_upload', count(*) FROM photos GROUP BY 1, 2, 3"
    )
    kept = "SELECT store, state, noted, number FROM tallies WHERE number <> 0"
    if connection.execute(f"{counted} EXCEPT {kept}").fetchone() or (
        connection.execute(f"{kept} EXCEPT {counted}").fetchone()
    ):
        yield "the photographs are not as many of each state as our records count"


def _not_found(connection: sqlite3.Connection) -> Iterator[str]:
    way = (
        "FROM photos p CROSS JOIN arrivals a ON a.photo = p.id "
        "WHERE p.state IN ('received', 'validated', 'prepared', 'uploading') "
        f"AND NOT (p.parked = 1 AND p.reason IS '{Reason.HELD}')"
    )
    facts = "p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL"
    is_so = (
        f"SELECT p.seq, a.owner, {facts} {way} "
        f"UNION SELECT p.seq, '{BY_HOOKS}', {facts} {way} AND a.door = '{Door.HOOK}'"
    )
    kept = "SELECT photo, owner, state, urgent, unplaced FROM on_their_way"
    if connection.execute(f"SELECT * FROM ({is_so}) EXCEPT {kept}").fetchone() or (
        connection.execute(f"{kept} EXCEPT SELECT * FROM ({is_so})").fetchone()
    ):
        yield "whose the photographs on their way are does not agree with what arrived"


def _unreadable(connection: sqlite3.Connection) -> Iterator[str]:
    for row in connection.execute("SELECT * FROM photos"):
        try:
            photo_of(row)
        except LedgerError as error:
            what = type(error.__cause__).__name__
            yield f"{_path(row['path'])} has a row that cannot be read ({what})"


def _path(blob: bytes) -> str:
    return encodable(Path(os.fsdecode(blob)))


def _no_ledger(file: Path) -> LedgerError:
    return LedgerError(f"there are no records at {file}: no photograph has arrived yet")
