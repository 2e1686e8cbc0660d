"""A file that comes through a process may be several photographs: one for each of its products.

The table is made anew, for what is unique in it was said where it was made; its triggers and
indexes are as before. Like every migration it is never changed (`migrations`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["ARRIVALS_OF_SEVERAL"]

ARRIVALS_OF_SEVERAL: Final = """
CREATE TEMP TABLE carried AS SELECT * FROM arrivals;
DROP INDEX arrivals_of_a_photo;
DROP INDEX arrivals_at_a_path;
DROP TRIGGER what_arrives_is_its_owners;
DROP TRIGGER what_an_arrival_was_is_not_its_owners;
DROP TRIGGER what_is_another_photograph_now_is_its_owners;
DROP TABLE arrivals;
CREATE TABLE arrivals (
    seq INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (id),
    path BLOB NOT NULL,
    door TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    state_before TEXT,
    UNIQUE (owner, path, photo)
) STRICT;
INSERT INTO arrivals (seq, owner, photo, path, door, seen_at, state_before)
    SELECT seq, owner, photo, path, door, seen_at, state_before FROM carried ORDER BY seq;
DROP TABLE carried;
CREATE INDEX arrivals_of_a_photo ON arrivals (photo, owner);
CREATE INDEX arrivals_at_a_path ON arrivals (path);
CREATE TRIGGER what_arrives_is_its_owners AFTER INSERT ON arrivals BEGIN
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT p.seq, new.owner, p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
        FROM photos p WHERE p.id = new.photo
        AND p.state IN ('received', 'validated', 'prepared', 'uploading')
        ON CONFLICT DO NOTHING;
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT p.seq, '', p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
        FROM photos p WHERE new.door = 'hook' AND p.id = new.photo
        AND p.state IN ('received', 'validated', 'prepared', 'uploading')
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER what_an_arrival_was_is_not_its_owners AFTER DELETE ON arrivals BEGIN
    DELETE FROM on_their_way
        WHERE photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = old.owner
        AND NOT EXISTS (
            SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.owner = old.owner);
    DELETE FROM on_their_way WHERE old.door = 'hook'
        AND photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = ''
        AND NOT EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.door = 'hook');
END;
CREATE TRIGGER what_is_another_photograph_now_is_its_owners AFTER UPDATE OF photo ON arrivals
WHEN old.photo <> new.photo BEGIN
    DELETE FROM on_their_way
        WHERE photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = old.owner
        AND NOT EXISTS (
            SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.owner = old.owner);
    DELETE FROM on_their_way WHERE old.door = 'hook'
        AND photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = ''
        AND NOT EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.door = 'hook');
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT p.seq, new.owner, p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
        FROM photos p WHERE p.id = new.photo
        AND p.state IN ('received', 'validated', 'prepared', 'uploading')
        ON CONFLICT DO NOTHING;
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT p.seq, '', p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
        FROM photos p WHERE new.door = 'hook' AND p.id = new.photo
        AND p.state IN ('received', 'validated', 'prepared', 'uploading')
        ON CONFLICT DO NOTHING;
END;
"""
