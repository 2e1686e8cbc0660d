PRAGMA application_id = 1346981957;
PRAGMA user_version = 15;
PRAGMA auto_vacuum = 0;
PRAGMA page_size = 4096;
CREATE TRIGGER a_change_that_got_on_is_counted AFTER UPDATE OF state ON changes
WHEN old.state <> new.state BEGIN
    UPDATE change_tallies SET number = number - 1
        WHERE batch = old.batch AND kind = old.kind AND state = old.state;
    INSERT INTO change_tallies (batch, kind, state, number)
        VALUES (new.batch, new.kind, new.state, 1)
        ON CONFLICT (batch, kind, state) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_changed_photograph_is_counted AFTER UPDATE OF store, state, reason ON photos
WHEN old.store <> new.store OR old.state <> new.state OR old.reason IS NOT new.reason BEGIN
    UPDATE tallies SET number = number - 1 WHERE store = old.store AND state = old.state
        AND noted = (old.reason IS 'not_for_upload');
    INSERT INTO tallies (store, state, noted, number)
        VALUES (new.store, new.state, new.reason IS 'not_for_upload', 1)
        ON CONFLICT (store, state, noted) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_new_change_is_counted AFTER INSERT ON changes BEGIN
    INSERT INTO change_tallies (batch, kind, state, number)
        VALUES (new.batch, new.kind, new.state, 1)
        ON CONFLICT (batch, kind, state) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_new_photograph_is_counted AFTER INSERT ON photos BEGIN
    INSERT INTO tallies (store, state, noted, number)
        VALUES (new.store, new.state, new.reason IS 'not_for_upload', 1)
        ON CONFLICT (store, state, noted) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER a_photograph_that_went_is_counted_no_more AFTER DELETE ON photos BEGIN
    UPDATE tallies SET number = number - 1 WHERE store = old.store AND state = old.state
        AND noted = (old.reason IS 'not_for_upload');
END;
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
CREATE INDEX arrivals_at_a_path ON arrivals (path);
CREATE INDEX arrivals_of_a_photo ON arrivals (photo, owner);
CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY,
    photo TEXT NOT NULL REFERENCES photos (id),
    owner TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT
) STRICT;
CREATE INDEX attempts_of_a_photo ON attempts (photo);
CREATE INDEX attempts_of_an_owner ON attempts (owner);
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
CREATE INDEX batches_seen_to ON batches (owner) WHERE owner IS NOT NULL;
CREATE INDEX batches_that_take_back ON batches (takes_back) WHERE takes_back IS NOT NULL;
CREATE TABLE by_hand (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('place', 'main')),
    PRIMARY KEY (store, product_id, image_id, decision)
) STRICT, WITHOUT ROWID;
CREATE TABLE catalogue_names (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (store, product_id)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE change_tallies (
    batch INTEGER NOT NULL REFERENCES batches (number),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (batch, kind, state)
) STRICT, WITHOUT ROWID;
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
CREATE INDEX changes_of_a_photo ON changes (photo, seq) WHERE photo IS NOT NULL;
CREATE INDEX changes_of_a_product ON changes (store, product_id, seq);
CREATE INDEX changes_to_do ON changes (store, batch, product_id)
    WHERE state IN ('planned', 'intended');
CREATE TABLE files (
    store TEXT NOT NULL,
    path BLOB NOT NULL,
    mark TEXT NOT NULL, sha256 TEXT,
    PRIMARY KEY (store, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE folding (
    photo TEXT PRIMARY KEY REFERENCES photos (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    photo TEXT NOT NULL REFERENCES photos (id),
    at TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    sentence TEXT NOT NULL,
    owner TEXT NOT NULL
) STRICT;
CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history
    WHEN NOT EXISTS (SELECT 1 FROM folding f WHERE f.photo = old.photo)
    BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_never_rewritten
    BEFORE UPDATE OF seq, at, before, after, sentence, owner ON history
    BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;
CREATE INDEX history_of_a_photo ON history (photo, seq);
CREATE TABLE met_images (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('other_ledger', 'twice')),
    name TEXT NOT NULL,
    met_at TEXT NOT NULL,
    PRIMARY KEY (store, product_id, image_id, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE on_their_way (
    photo INTEGER NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    unplaced INTEGER NOT NULL,
    PRIMARY KEY (photo, owner)
) STRICT, WITHOUT ROWID;
CREATE INDEX on_their_way_in_turn ON on_their_way (owner, state, photo);
CREATE INDEX on_their_way_unplaced ON on_their_way (owner, photo) WHERE unplaced = 1;
CREATE INDEX on_their_way_urgent ON on_their_way (owner, state, photo) WHERE urgent = 1;
CREATE UNIQUE INDEX one_batch_a_day ON batches (store, kind, day) WHERE day IS NOT NULL;
CREATE UNIQUE INDEX one_photo_a_path ON photos (store, path, sha256) WHERE product_id IS NULL;
CREATE UNIQUE INDEX one_photo_a_product ON photos (store, product_id, sha256)
    WHERE product_id IS NOT NULL;
CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    door TEXT NOT NULL,
    started_at TEXT NOT NULL
) STRICT;
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
    state TEXT NOT NULL CHECK (state IN ('received', 'validated', 'prepared', 'uploading', 'stored', 'waiting', 'refused', 'failed', 'removed')),
    failed_from TEXT CHECK (failed_from IN ('received', 'validated', 'prepared', 'uploading', 'stored', 'waiting', 'refused', 'failed', 'removed')),
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
    changed_at TEXT NOT NULL, on_table INTEGER NOT NULL DEFAULT 0 CHECK (on_table IN (0, 1)), likeness TEXT, urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)), parked INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1)), named INTEGER NOT NULL DEFAULT 0, batch INTEGER, brought_by INTEGER,
    CHECK ((lease IS NULL) = (owner IS NULL)),
    CHECK ((state = 'stored') <= (image_id IS NOT NULL)),
    CHECK ((state IN ('validated', 'prepared', 'uploading', 'stored')) <= (product_id IS NOT NULL)),
    CHECK ((state IN ('prepared', 'uploading')) <= (picture IS NOT NULL))
) STRICT;
CREATE INDEX photos_aside ON photos (state, seq)
    WHERE state IN ('waiting', 'refused', 'failed', 'removed');
CREATE INDEX photos_brought_by ON photos (brought_by) WHERE brought_by IS NOT NULL;
CREATE INDEX photos_by_content ON photos (substr(sha256, 1, 16));
CREATE INDEX photos_by_image_alone ON photos (store, image_id) WHERE image_id IS NOT NULL;
CREATE INDEX photos_by_likeness ON photos (product_id, substr(likeness, 1, 16))
    WHERE likeness IS NOT NULL;
CREATE INDEX photos_by_path ON photos (path);
CREATE INDEX photos_held ON photos (owner) WHERE owner IS NOT NULL;
CREATE INDEX photos_in_flight ON photos (store, state, parked, seq)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
CREATE INDEX photos_in_flight_by_product ON photos (store, parked, product_id, rank)
    WHERE state IN ('received', 'validated', 'prepared', 'uploading');
CREATE INDEX photos_of_a_batch ON photos (batch) WHERE batch IS NOT NULL;
CREATE INDEX photos_stored_at ON photos (changed_at) WHERE state = 'stored';
CREATE INDEX photos_unnamed ON photos (store, parked, named, seq)
    WHERE state = 'received' AND product_id IS NULL;
CREATE INDEX photos_unplaced ON photos (store, parked, seq)
    WHERE state = 'received' AND product_id IS NULL;
CREATE INDEX photos_urgent ON photos (store, state, parked, seq)
    WHERE urgent = 1 AND state IN ('received', 'validated', 'prepared', 'uploading');
CREATE TABLE proposed_names (
    name TEXT NOT NULL,
    photo INTEGER NOT NULL,
    PRIMARY KEY (name, photo)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposed_names_of_a_photo ON proposed_names (photo);
CREATE TABLE same_pictures (
    store TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (id),
    PRIMARY KEY (store, sha256, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX same_pictures_of_a_photo ON same_pictures (photo);
CREATE TABLE tallies (
    store TEXT NOT NULL,
    state TEXT NOT NULL,
    noted INTEGER NOT NULL CHECK (noted IN (0, 1)),
    number INTEGER NOT NULL,
    PRIMARY KEY (store, state, noted)
) STRICT, WITHOUT ROWID;
CREATE TABLE to_arrange (
    store TEXT NOT NULL,
    product_id INTEGER NOT NULL,
    since TEXT NOT NULL,
    owner TEXT,
    taken_since TEXT,
    PRIMARY KEY (store, product_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER what_an_arrival_was_is_not_its_owners AFTER DELETE ON arrivals BEGIN
    DELETE FROM on_their_way
        WHERE photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = old.owner
        AND NOT EXISTS (
            SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.owner = old.owner);
    DELETE FROM on_their_way WHERE old.door = 'hook'
        AND photo = (SELECT p.seq FROM photos p WHERE p.id = old.photo) AND owner = ''
        AND NOT EXISTS (SELECT 1 FROM arrivals a WHERE a.photo = old.photo AND a.door = 'hook');
END;
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
CREATE TRIGGER what_came_to_its_end_is_not AFTER UPDATE OF state ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading')
    AND new.state NOT IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    DELETE FROM on_their_way WHERE photo = new.seq;
END;
CREATE TRIGGER what_can_be_placed_needs_no_names
AFTER UPDATE OF state, product_id, path, root, sku ON photos
WHEN old.named <> 0 AND (new.state <> 'received' OR new.product_id IS NOT NULL
    OR new.path <> old.path OR new.root <> old.root OR new.sku IS NOT old.sku) BEGIN
    DELETE FROM proposed_names WHERE photo = old.seq;
    UPDATE photos SET named = 0 WHERE seq = old.seq;
END;
CREATE TRIGGER what_goes_on_is_on_its_way AFTER UPDATE OF state, urgent, product_id ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading')
    AND new.state IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    UPDATE on_their_way SET state = new.state, urgent = new.urgent,
        unplaced = new.state = 'received' AND new.product_id IS NULL WHERE photo = new.seq;
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
CREATE TRIGGER what_is_stored_was_created_in_its_batch AFTER UPDATE OF state ON photos
WHEN new.batch IS NOT NULL AND new.state = 'stored' AND old.state <> 'stored' BEGIN
    UPDATE batches SET created = created + 1 WHERE number = new.batch;
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
CREATE TRIGGER what_was_certainly_not_sent_is_of_no_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'uploading' AND new.state IN ('prepared', 'failed') AND new.batch IS NOT NULL
    AND (new.state = 'prepared' OR new.failed_from IS NOT 'uploading')
    AND NOT EXISTS (SELECT 1 FROM changes c
        WHERE c.photo = new.id AND c.kind = 'create' AND c.state = 'planned') BEGIN
    UPDATE photos SET batch = NULL WHERE seq = new.seq;
END;
CREATE TRIGGER what_was_removed_and_begins_anew_is_of_no_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'removed' AND new.state = 'received' AND new.batch IS NOT NULL BEGIN
    UPDATE photos SET batch = NULL WHERE seq = new.seq;
END;
CREATE TRIGGER what_was_removed_and_is_put_back_is_of_its_batch AFTER UPDATE OF state ON photos
WHEN old.state = 'removed' AND new.state = 'prepared' AND new.batch IS NOT NULL BEGIN
    UPDATE batches SET created = created - 1 WHERE number = new.batch;
END;
CREATE TRIGGER what_went_is_nobodys AFTER DELETE ON photos
WHEN old.state IN ('received', 'validated', 'prepared', 'uploading') BEGIN
    DELETE FROM on_their_way WHERE photo = old.seq;
END;
CREATE TRIGGER what_went_needs_no_names AFTER DELETE ON photos WHEN old.named <> 0 BEGIN
    DELETE FROM proposed_names WHERE photo = old.seq;
END;
