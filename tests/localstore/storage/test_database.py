"""The file of metadata: what it is when it is not ours, or was left by a killed store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.localstore import LocalStoreError
from pipeline.localstore.storage.database import Database
from tests.localstore.process import refused_start


def test_a_folder_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused_start("--data", str(tmp_path / "file"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "store.sqlite3").write_bytes(b"this is no database" * 100)
    assert "cannot be used" in refused_start("--data", str(tmp_path / "data"))


def test_a_file_of_a_newer_store_is_left_as_it_is(tmp_path: Path) -> None:
    Database.opened(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / "store.sqlite3").read_bytes()
    with pytest.raises(LocalStoreError, match="newer"):
        Database.opened(tmp_path)
    assert (tmp_path / "store.sqlite3").read_bytes() == before


def insert_twice(database: Database) -> None:
    with database.transaction() as transaction:
        for _ in range(2):
            transaction.execute(
                "INSERT INTO products (id, sku, name, listed) VALUES (1, 'A', 'a', 1)"
            )


def test_a_change_that_fails_has_changed_nothing(tmp_path: Path) -> None:
    database = Database.opened(tmp_path)
    with pytest.raises(sqlite3.IntegrityError):
        insert_twice(database)
    assert database.number("SELECT count(*) FROM products") == 0
    database.close()


def test_a_fact_stays_what_it_was_when_it_was_first_told(tmp_path: Path) -> None:
    database = Database.opened(tmp_path)
    assert database.fact("hash", "local-1") == "local-1"
    database.close()
    database = Database.opened(tmp_path)
    assert database.fact("hash", "local-2") == "local-1"
    database.close()


def test_a_copy_holds_the_same_and_changes_nothing(tmp_path: Path) -> None:
    database = Database.opened(tmp_path)
    database.fact("hash", "local-1")
    database.close()
    before = (tmp_path / "store.sqlite3").read_bytes()
    copy = Database.copied(tmp_path)
    assert copy.fact("hash", "local-2") == "local-1"
    copy.fact("another", "told")
    copy.close()
    assert (tmp_path / "store.sqlite3").read_bytes() == before
    nothing = Database.copied(tmp_path / "nothing")
    assert nothing.number("SELECT count(*) FROM images") == 0
    nothing.close()
