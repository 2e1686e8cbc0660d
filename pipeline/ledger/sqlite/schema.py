"""The ledger's tables in SQLite, and the migrations from the first version on.

A migration and the record of it (`user_version`) are one transaction, so a ledger is never
between two versions. Migrations are only ever added, never changed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final

from pipeline.errors import LedgerError

__all__ = [
    "APPLICATION_ID",
    "MIGRATIONS",
    "VERSION",
    "migrate",
    "refuse_strangers",
    "statements_of",
]

APPLICATION_ID: Final = 0x50495045
"""Marks the file as ours ("PIPE"), so that another program's database is never taken for it."""

# As they were then: a migration is never changed, and a new state is a migration of its own.
_STATES: Final = (
    "'received', 'validated', 'prepared', 'uploading', 'stored', 'waiting', 'refused', 'failed', "
    "'removed'"
)

_FIRST: Final = f"""
CREATE TABLE photos (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    store TEXT NOT NULL,
    product_id INTEGER,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    path BLOB NOT NULL,
    root BLOB NOT NULL,
    rank TEXT NOT NULL,
    sku TEXT,
    state TEXT NOT NULL CHECK (state IN ({_STATES})),
    failed_from TEXT CHECK (failed_from IN ({_STATES})),
    reason TEXT,
    sentence TEXT NOT NULL,
    placement TEXT,
    inspection TEXT,
    picture TEXT,
    image TEXT,
    image_id INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before TEXT,
    attempt_ended_at TEXT,
    unseen_at TEXT,
    lease TEXT,
    owner TEXT,
    received_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CHECK ((lease IS NULL) = (owner IS NULL)),
    CHECK ((state = 'stored') <= (image_id IS NOT NULL)),
    CHECK ((state IN ('validated', 'prepared', 'uploading', 'stored')) <= (product_id IS NOT NULL)),
    CHECK ((state IN ('prepared', 'uploading')) <= (picture IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX one_photo_a_product ON photos (store, product_id, sha256)
    WHERE product_id IS NOT NULL;
CREATE UNIQUE INDEX one_photo_a_path ON photos (store, path, sha256) WHERE product_id IS NULL;
CREATE INDEX photos_by_content ON photos (store, sha256);
CREATE INDEX photos_in_flight ON photos (store, state, seq)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
CREATE INDEX photos_in_flight_by_product ON photos (store, product_id, rank)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
CREATE INDEX photos_by_path ON photos (path);
CREATE INDEX photos_by_image ON photos (store, product_id, image_id) WHERE image_id IS NOT NULL;
CREATE INDEX photos_held ON photos (owner) WHERE owner IS NOT NULL;

CREATE TABLE arrivals (
    seq INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (id),
    path BLOB NOT NULL,
    door TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    state_before TEXT,
    UNIQUE (owner, path)
) STRICT;
CREATE INDEX arrivals_of_a_photo ON arrivals (photo, owner);
CREATE INDEX arrivals_at_a_path ON arrivals (path);

CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY,
    photo TEXT NOT NULL REFERENCES photos (id),
    owner TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX attempts_of_an_owner ON attempts (owner);
CREATE INDEX attempts_of_a_photo ON attempts (photo);

CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    photo TEXT NOT NULL REFERENCES photos (id),
    at TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    sentence TEXT NOT NULL,
    owner TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_a_photo ON history (photo, seq);
CREATE TRIGGER history_is_never_rewritten
    BEFORE UPDATE OF seq, at, before, after, sentence, owner ON history
    BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history
    BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;

CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    door TEXT NOT NULL,
    started_at TEXT NOT NULL
) STRICT;
"""

# What a watcher has seen of each file, so that it reads none again that has not changed; and that
# a photograph's SKU was on the table, not named by its caller.
_SECOND: Final = """
ALTER TABLE photos ADD COLUMN on_table INTEGER NOT NULL DEFAULT 0 CHECK (on_table IN (0, 1));
CREATE TABLE files (
    store TEXT NOT NULL,
    path BLOB NOT NULL,
    mark TEXT NOT NULL,
    PRIMARY KEY (store, path)
) STRICT, WITHOUT ROWID;
"""

# What listings of the store show that is not as the ledger has it. And an image's photograph is
# found without its product, for an answer may name any id.
_THIRD: Final = """
CREATE TABLE met_images (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('other_ledger', 'twice')),
    name TEXT NOT NULL,
    met_at TEXT NOT NULL,
    PRIMARY KEY (store, product_id, image_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX photos_by_image_alone ON photos (store, image_id) WHERE image_id IS NOT NULL;
"""

# What each photograph's file shows, whatever else is in it, and the digests of the files that
# became part of another photograph because they show the same.
_FOURTH: Final = """
ALTER TABLE photos ADD COLUMN likeness TEXT;
CREATE INDEX photos_by_likeness ON photos (store, product_id, likeness)
    WHERE likeness IS NOT NULL;
CREATE TABLE same_pictures (
    store TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (id),
    PRIMARY KEY (store, sha256, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX same_pictures_of_a_photo ON same_pictures (photo);
"""

# What people ask of the ledger is known without reading its photographs. `tallies` counts them, by
# triggers, in the transaction that changes one; the indexes find those that stand aside in the
# order of their arrival, those stored since a time, and the first that nobody can place yet.
# `urgent`: which photographs go before a backlog: what a hook noted down, what arrived in a watched
# folder by itself, and what of their products comes before them in shot order.
# `sha256` of a file: of the very bytes that it had when it had that stamp; NULL where it is known
# by its stamp to a watcher alone, or was written by an earlier version.
# `folding` names the photograph whose history becomes one line; it is empty outside of the
# transaction that does so, and only then a line may go.
_FIFTH: Final = """
ALTER TABLE photos ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1));
CREATE INDEX photos_urgent ON photos (store, state, seq)
    WHERE urgent = 1 AND state IN ('received', 'validated', 'prepared', 'uploading');
CREATE INDEX photos_aside ON photos (state, seq)
    WHERE state IN ('waiting', 'refused', 'failed', 'removed');
CREATE INDEX photos_stored_at ON photos (changed_at) WHERE state = 'stored';
CREATE INDEX photos_unplaced ON photos (store, seq)
    WHERE state = 'received' AND product_id IS NULL;
ALTER TABLE files ADD COLUMN sha256 TEXT;
CREATE TABLE tallies (
    store TEXT NOT NULL,
    state TEXT NOT NULL,
    noted INTEGER NOT NULL CHECK (noted IN (0, 1)),
    number INTEGER NOT NULL,
    PRIMARY KEY (store, state, noted)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies (store, state, noted, number)
    SELECT store, state, reason IS 'not_for_upload', count(*) FROM photos GROUP BY 1, 2, 3;
CREATE TRIGGER a_new_photograph_is_counted AFTER INSERT ON photos BEGIN
    INSERT INTO tallies (store, state, noted, number)
        VALUES (new.store, new.state, new.reason IS 'not_for_upload', 1)
        ON CONFLICT (store, state, noted) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_changed_photograph_is_counted AFTER UPDATE OF store, state, reason ON photos
WHEN old.store <> new.store OR old.state <> new.state OR old.reason IS NOT new.reason BEGIN
    UPDATE tallies SET number = number - 1 WHERE store = old.store AND state = old.state
        AND noted = (old.reason IS 'not_for_upload');
    INSERT INTO tallies (store, state, noted, number)
        VALUES (new.store, new.state, new.reason IS 'not_for_upload', 1)
        ON CONFLICT (store, state, noted) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_photograph_that_went_is_counted_no_more AFTER DELETE ON photos BEGIN
    UPDATE tallies SET number = number - 1 WHERE store = old.store AND state = old.state
        AND noted = (old.reason IS 'not_for_upload');
END;
CREATE TABLE folding (
    photo TEXT PRIMARY KEY REFERENCES photos (id)
) STRICT, WITHOUT ROWID;
DROP TRIGGER history_is_never_deleted;
CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history
    WHEN NOT EXISTS (SELECT 1 FROM folding f WHERE f.photo = old.photo)
    BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;
"""

# Records leave out what is as usual (`pipeline.ledger.records`), which an earlier program could not
# read. Two indexes hold the first digits of a digest alone, which tell nearly all apart, and no
# name of a store; that of images by product was asked for nothing that another does not tell.
_SIXTH: Final = """
DROP INDEX photos_by_content;
CREATE INDEX photos_by_content ON photos (substr(sha256, 1, 16));
DROP INDEX photos_by_likeness;
CREATE INDEX photos_by_likeness ON photos (product_id, substr(likeness, 1, 16))
    WHERE likeness IS NOT NULL;
DROP INDEX photos_by_image;
"""

# The SKUs of the store's products and variants, as they compare, and how old they are.
_SEVENTH: Final = """
CREATE TABLE catalogue_skus (
    store TEXT NOT NULL,
    sku TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    PRIMARY KEY (store, sku, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX catalogue_skus_of_a_product ON catalogue_skus (store, product_id);
CREATE TABLE catalogues (
    store TEXT PRIMARY KEY,
    read_at TEXT,
    brought_at TEXT,
    shown_at TEXT,
    questions INTEGER NOT NULL,
    asked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

# Which photographs on their way no living process sees to: all, until somebody takes them up again.
_EIGHTH: Final = """
ALTER TABLE photos ADD COLUMN parked INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1));
UPDATE photos SET parked = 1 WHERE state IN ('received', 'validated', 'prepared');
DROP INDEX photos_in_flight;
CREATE INDEX photos_in_flight ON photos (store, state, parked, seq)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
DROP INDEX photos_in_flight_by_product;
CREATE INDEX photos_in_flight_by_product ON photos (store, parked, product_id, rank)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
DROP INDEX photos_urgent;
CREATE INDEX photos_urgent ON photos (store, state, parked, seq)
    WHERE urgent = 1 AND state IN ('received', 'validated', 'prepared', 'uploading');
DROP INDEX photos_unplaced;
CREATE INDEX photos_unplaced ON photos (store, parked, seq)
    WHERE state = 'received' AND product_id IS NULL;
"""

MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH, _EIGHTH)
"""What each version added to the one before it."""

QUIET_SECONDS: Final = 1.0
"""So long nothing is said of a migration: nobody has begun to wonder."""

TELL_SECONDS: Final = 5.0
"""Between two words of it."""

STEPS_BETWEEN: Final = 1_000_000
"""Of SQLite's machine, which takes some hundredths of a second for them."""

ROOM_KILOBYTES: Final = 65_536
"""What a migration may have of the memory."""

VERSION: Final = len(MIGRATIONS)
"""The version of the tables that this program reads and writes."""


def migrate(
    connection: sqlite3.Connection,
    told: Callable[[str], None] = lambda sentence: None,
    seconds: Callable[[], float] = time.monotonic,
) -> None:
    """Bring a ledger up to this program's version, each step in a transaction of its own.

    An interruption, of whatever kind, undoes the step: the next call begins it again.

    Args:
        connection: in autocommit mode.
        told: is given a sentence now and then, where it takes long.
        seconds: a clock.

    Raises:
        LedgerError: the file belongs to another program, or to a newer version of this one.
        KeyboardInterrupt: somebody does not want to wait.
        sqlite3.Error: the file cannot be read or written.
    """
    first = _version(connection)
    if first == VERSION:
        return
    forward = _Forward(MIGRATIONS[first:], told, seconds)
    # A new ledger is there at once.
    with nullcontext() if first == 0 else _taking_long(connection, forward):
        for number, script in enumerate(MIGRATIONS, start=1):
            _step(connection, number, script, forward)


@contextmanager
def _taking_long(connection: sqlite3.Connection, forward: _Forward) -> Iterator[None]:
    connection.set_progress_handler(forward.goes_on, STEPS_BETWEEN)
    # An index of a million entries is sorted where there is room for them.
    (usual,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute(f"PRAGMA cache_size = {-ROOM_KILOBYTES}")
    try:
        yield
    except sqlite3.OperationalError as error:
        # What is raised in the handler, SQLite makes this of.
        if error.sqlite_errorname == "SQLITE_INTERRUPT":
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
        connection.execute(f"PRAGMA cache_size = {usual}")


def _step(connection: sqlite3.Connection, number: int, script: str, forward: _Forward) -> None:
    connection.execute("BEGIN EXCLUSIVE")
    try:
        if _version(connection) < number:
            for statement in statements_of(script):
                connection.execute(statement)
                forward.did_one()
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Forward:
    """Tells how far a ledger has been brought, every few seconds."""

    def __init__(
        self, scripts: Sequence[str], told: Callable[[str], None], seconds: Callable[[], float]
    ) -> None:
        self._all = sum(len(list(statements_of(script))) for script in scripts)
        self._done = 0
        self._told = told
        self._seconds = seconds
        self._tell_at = seconds() + QUIET_SECONDS

    def did_one(self) -> None:
        self._done += 1

    def goes_on(self) -> int:
        """Return 0 for SQLite to go on, which calls this now and then; a Ctrl-C ends it here."""
        now = self._seconds()
        if now >= self._tell_at:
            self._tell_at = now + TELL_SECONDS
            self._told(
                "bringing the ledger forward to this version's tables: step "
                f"{self._done + 1} of {self._all} (an interruption does no harm)"
            )
        return 0


def refuse_strangers(connection: sqlite3.Connection) -> None:
    """Make sure, without changing anything, that a file is a ledger that this program knows.

    Raises:
        LedgerError: the file belongs to another program, or to a newer version of this one.
        sqlite3.Error: the file cannot be read.
    """
    _version(connection)


def _version(connection: sqlite3.Connection) -> int:
    # The tables first: another process may be making them, and marks the file together with them.
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID and (tables or application):
        raise LedgerError(f"{_file(connection)} belongs to another program: move it out of the way")
    if version > VERSION:
        raise LedgerError(
            f"the ledger {_file(connection)} was written by a newer version of this program (its "
            f"tables are version {version}, this program knows {VERSION}): install that version "
            "again"
        )
    return version


def _file(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def statements_of(script: str) -> list[str]:
    """Return a script's statements: they end where SQLite says so (a trigger has semicolons)."""
    statements: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements
