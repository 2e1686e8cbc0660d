"""The ledger's tables in SQLite, as the migrations from the first version on that make them."""

from __future__ import annotations

from typing import Final

from pipeline.ledger.sqlite.arranging_tables import ARRANGING
from pipeline.ledger.sqlite.arrivals_of_several import ARRIVALS_OF_SEVERAL
from pipeline.ledger.sqlite.bringing import BRINGING
from pipeline.ledger.sqlite.twelfth import TWELFTH

__all__ = ["MIGRATIONS"]

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

# `on_their_way`: whose the photographs on their way are, a line for each process through which one
# arrived, and one for all hooks (no owner); kept by triggers. So a process finds its own at once,
# behind whatever others have.
# `proposed_names`: the names of photographs that nobody can place yet, written by the first that
# has to know which of them may be of its product; `named` says by which rules they were made.
_NINTH: Final = """
CREATE TABLE on_their_way (
    photo INTEGER NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    unplaced INTEGER NOT NULL,
    PRIMARY KEY (photo, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX on_their_way_in_turn ON on_their_way (owner, state, photo);
CREATE INDEX on_their_way_urgent ON on_their_way (owner, state, photo) WHERE urgent = 1;
CREATE INDEX on_their_way_unplaced ON on_their_way (owner, photo) WHERE unplaced = 1;
INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
    SELECT p.seq, a.owner, p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
    FROM photos p CROSS JOIN arrivals a ON a.photo = p.id
    WHERE p.state IN ('received', 'validated', 'prepared', 'uploading')
    ON CONFLICT DO NOTHING;
INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
    SELECT p.seq, '', p.state, p.urgent, p.state = 'received' AND p.product_id IS NULL
    FROM photos p CROSS JOIN arrivals a ON a.photo = p.id AND a.door = 'hook'
    WHERE p.state IN ('received', 'validated', 'prepared', 'uploading')
    ON CONFLICT DO NOTHING;
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
CREATE TRIGGER what_goes_on_is_on_its_way AFTER UPDATE OF state, urgent, product_id ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading')
    AND new.state IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    UPDATE on_their_way SET state = new.state, urgent = new.urgent,
        unplaced = new.state = 'received' AND new.product_id IS NULL WHERE photo = new.seq;
END;
CREATE TRIGGER what_came_to_its_end_is_not AFTER UPDATE OF state ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading')
    AND new.state NOT IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    DELETE FROM on_their_way WHERE photo = new.seq;
END;
CREATE TRIGGER what_is_taken_up_again_is_on_its_way AFTER UPDATE OF state ON photos
WHEN old.state NOT IN ('received', 'validated', 'prepared', 'uploading')
    AND new.state IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT new.seq, a.owner, new.state, new.urgent,
            new.state = 'received' AND new.product_id IS NULL
        FROM arrivals a WHERE a.photo = new.id
        ON CONFLICT DO NOTHING;
    INSERT INTO on_their_way (photo, owner, state, urgent, unplaced)
        SELECT new.seq, '', new.state, new.urgent,
            new.state = 'received' AND new.product_id IS NULL
        FROM arrivals a WHERE a.photo = new.id AND a.door = 'hook'
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER what_went_is_nobodys AFTER DELETE ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    DELETE FROM on_their_way WHERE photo = old.seq;
END;
ALTER TABLE photos ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
CREATE INDEX photos_unnamed ON photos (store, parked, named, seq)
    WHERE state = 'received' AND product_id IS NULL;
CREATE TABLE proposed_names (
    name TEXT NOT NULL,
    photo INTEGER NOT NULL,
    PRIMARY KEY (name, photo)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposed_names_of_a_photo ON proposed_names (photo);
CREATE TRIGGER what_can_be_placed_needs_no_names
AFTER UPDATE OF state, product_id, path, root, sku ON photos
WHEN old.named <> 0 AND (new.state <> 'received' OR new.product_id IS NOT NULL
    OR new.path <> old.path OR new.root <> old.root OR new.sku IS NOT old.sku) BEGIN
    DELETE FROM proposed_names WHERE photo = old.seq;
    UPDATE photos SET named = 0 WHERE seq = old.seq;
END;
CREATE TRIGGER what_went_needs_no_names AFTER DELETE ON photos WHEN old.named <> 0 BEGIN
    DELETE FROM proposed_names WHERE photo = old.seq;
END;
"""

# The journal of what is written to the store. `batch` of a photograph: in which it is sent, or was
# sent as the image that it is: so a create needs no line of its own, and `created` counts it. Once
# its image was deleted and it is taken up again, it is of no batch.
# `day`: what a watcher and the hooks send is one batch a day. `owner`: the process that sees to it.
# `facts` of a change is what it says of the image; `main_before` which image was the product's main
# picture, where the change makes another one that.
_TENTH: Final = """
CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'watch', 'hook', 'command', 'undo', 'redo')),
    day TEXT,
    owner TEXT,
    command TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    takes_back INTEGER REFERENCES batches (number),
    created INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX batches_of_a_store ON batches (store, number);
CREATE UNIQUE INDEX one_batch_a_day ON batches (store, kind, day) WHERE day IS NOT NULL;
CREATE INDEX batches_seen_to ON batches (owner) WHERE owner IS NOT NULL;
CREATE INDEX batches_that_take_back ON batches (takes_back) WHERE takes_back IS NOT NULL;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL REFERENCES batches (number),
    store TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'update', 'delete')),
    product_id INTEGER NOT NULL,
    image_id INTEGER,
    photo TEXT,
    before TEXT,
    main_before INTEGER,
    facts TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'intended', 'done', 'left')),
    at TEXT NOT NULL,
    done_at TEXT,
    sentence TEXT NOT NULL DEFAULT '',
    CHECK ((kind = 'create') <= (photo IS NOT NULL)),
    CHECK ((kind <> 'create') <= (image_id IS NOT NULL AND before IS NOT NULL)),
    CHECK ((state IN ('done', 'left')) = (done_at IS NOT NULL))
) STRICT;
CREATE INDEX changes_of_a_batch ON changes (batch, product_id, seq);
CREATE INDEX changes_of_a_product ON changes (store, product_id, seq);
CREATE INDEX changes_of_a_photo ON changes (photo, seq) WHERE photo IS NOT NULL;
CREATE INDEX changes_to_do ON changes (store, batch, product_id)
    WHERE state IN ('planned', 'intended');
ALTER TABLE photos ADD COLUMN batch INTEGER;
CREATE INDEX photos_of_a_batch ON photos (batch) WHERE batch IS NOT NULL;
CREATE TRIGGER what_is_stored_was_created_in_its_batch AFTER UPDATE OF state ON photos
WHEN new.batch IS NOT NULL AND new.state = 'stored' AND old.state <> 'stored' BEGIN
    UPDATE batches SET created = created + 1 WHERE number = new.batch;
END;
CREATE TRIGGER what_was_removed_and_goes_on_is_of_no_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'removed' AND new.state <> 'removed' AND new.batch IS NOT NULL BEGIN
    UPDATE photos SET batch = NULL WHERE seq = new.seq;
END;
CREATE TABLE change_tallies (
    batch INTEGER NOT NULL REFERENCES batches (number),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (batch, kind, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER a_new_change_is_counted AFTER INSERT ON changes BEGIN
    INSERT INTO change_tallies (batch, kind, state, number)
        VALUES (new.batch, new.kind, new.state, 1)
        ON CONFLICT (batch, kind, state) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_change_that_got_on_is_counted AFTER UPDATE OF state ON changes
WHEN old.state <> new.state BEGIN
    UPDATE change_tallies SET number = number - 1
        WHERE batch = old.batch AND kind = old.kind AND state = old.state;
    INSERT INTO change_tallies (batch, kind, state, number)
        VALUES (new.batch, new.kind, new.state, 1)
        ON CONFLICT (batch, kind, state) DO UPDATE SET number = number + 1;
END;
"""

# What is put back into the store as it was stays of the batch that sent it first: its batch is
# counted down until it is there again. What a batch tried to send, and did not, is of none.
_ELEVENTH: Final = """
DROP TRIGGER what_was_removed_and_goes_on_is_of_no_batch;
CREATE TRIGGER what_was_removed_and_begins_anew_is_of_no_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'removed' AND new.state = 'received' AND new.batch IS NOT NULL BEGIN
    UPDATE photos SET batch = NULL WHERE seq = new.seq;
END;
CREATE TRIGGER what_was_removed_and_is_put_back_is_of_its_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'removed' AND new.state = 'prepared' AND new.batch IS NOT NULL BEGIN
    UPDATE batches SET created = created - 1 WHERE number = new.batch;
END;
CREATE TRIGGER what_was_certainly_not_sent_is_of_no_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'uploading' AND new.state IN ('prepared', 'failed') AND new.batch IS NOT NULL
    AND (new.state = 'prepared' OR new.failed_from IS NOT 'uploading')
    AND NOT EXISTS (SELECT 1 FROM changes c
        WHERE c.photo = new.id AND c.kind = 'create' AND c.state = 'planned') BEGIN
    UPDATE photos SET batch = NULL WHERE seq = new.seq;
END;
"""

MIGRATIONS: Final = (
    _FIRST,
    _SECOND,
    _THIRD,
    _FOURTH,
    _FIFTH,
    _SIXTH,
    _SEVENTH,
    _EIGHTH,
    _NINTH,
    _TENTH,
    _ELEVENTH,
    TWELFTH,
    ARRANGING,
    BRINGING,
    ARRIVALS_OF_SEVERAL,
)
"""What each version added to the one before it."""
