-- The source of truth, its clock, and the tables projected from it.

CREATE TABLE clock (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    device   BLOB    NOT NULL CHECK (length(device) = 8),
    ms       INTEGER NOT NULL,
    counter  INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;

-- state: {field: [value, ms, counter, device]}; a removed field stays with the value null.
-- changed, sent: revisions; a subject is unsent while changed > sent.
CREATE TABLE subjects (
    n       INTEGER PRIMARY KEY,
    id      BLOB    NOT NULL CHECK (length(id) = 16),
    kind    TEXT    NOT NULL,
    state   TEXT    NOT NULL,
    changed INTEGER NOT NULL DEFAULT 0,
    sent    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (id, kind)
) STRICT;
CREATE INDEX subjects_unsent ON subjects (changed) WHERE changed > sent;

-- One row an exposure that has at least one file.
-- taken: local time, '' where unknown; month: year * 12 + month - 1, or 0.
-- *_folded, camera, lens_folded: the form names are compared in.
-- missing, not_in_cloud: some file has no local copy, or is in no commit; kept by the triggers below.
CREATE TABLE photos (
    n              INTEGER PRIMARY KEY,
    id             BLOB    NOT NULL UNIQUE,
    taken          TEXT    NOT NULL,
    month          INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    trash          INTEGER NOT NULL,
    rating         INTEGER NOT NULL,
    label          TEXT,
    label_folded   TEXT,
    flag           TEXT,
    kind           TEXT    NOT NULL,
    format         TEXT,
    shoot          BLOB,
    import         BLOB,
    imported       INTEGER NOT NULL,
    lead           BLOB    NOT NULL,
    bytes          INTEGER NOT NULL,
    offset_min     INTEGER,
    make           TEXT,
    model          TEXT,
    camera         TEXT    NOT NULL,
    lens           TEXT,
    lens_folded    TEXT    NOT NULL,
    iso            INTEGER,
    aperture       REAL,
    shutter        TEXT,
    focal_length   REAL,
    width          INTEGER,
    height         INTEGER,
    orientation    INTEGER,
    lat            REAL,
    lon            REAL,
    preview        TEXT,
    preview_width  INTEGER,
    preview_height INTEGER,
    title          TEXT,
    caption        TEXT,
    missing        INTEGER NOT NULL DEFAULT 0,
    not_in_cloud   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX photos_grid   ON photos (taken, name, id) WHERE trash = 0;
CREATE INDEX photos_month  ON photos (month) WHERE trash = 0;
CREATE INDEX photos_rating ON photos (rating) WHERE rating > 0;
CREATE INDEX photos_label  ON photos (label_folded) WHERE label_folded IS NOT NULL;
CREATE INDEX photos_flag   ON photos (flag) WHERE flag IS NOT NULL;
CREATE INDEX photos_shoot  ON photos (shoot, trash, taken);
CREATE INDEX photos_import ON photos (import);
CREATE INDEX photos_preview ON photos (taken) WHERE preview IS NULL AND trash = 0;

CREATE INDEX photos_missing ON photos (taken, name, id) WHERE missing = 1;
CREATE INDEX photos_cloud   ON photos (taken, name, id) WHERE not_in_cloud = 1;

CREATE TABLE files (
    photo    INTEGER NOT NULL REFERENCES photos (n) ON DELETE CASCADE,
    id       BLOB    NOT NULL,
    role     TEXT    NOT NULL,
    name     BLOB    NOT NULL,
    bytes    INTEGER NOT NULL,
    sha256   BLOB    NOT NULL,
    mime     TEXT    NOT NULL,
    path     TEXT,
    lead     INTEGER NOT NULL,
    replaces BLOB,
    place    TEXT,
    UNIQUE (photo, id)
) STRICT;
CREATE INDEX files_id   ON files (id, photo);
CREATE INDEX files_hash ON files (sha256);
CREATE INDEX files_length ON files (bytes);

CREATE TABLE keywords (
    photo  INTEGER NOT NULL REFERENCES photos (n) ON DELETE CASCADE,
    folded TEXT    NOT NULL,
    word   TEXT    NOT NULL,
    PRIMARY KEY (photo, folded)
) STRICT, WITHOUT ROWID;
CREATE INDEX keywords_word ON keywords (folded);

CREATE TABLE shoots (
    id     BLOB    NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    folded TEXT    NOT NULL,
    client BLOB,
    trash  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shoots_name   ON shoots (folded);
CREATE INDEX shoots_client ON shoots (client);

CREATE TABLE clients (
    id     BLOB    NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    folded TEXT    NOT NULL,
    trash  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX clients_name ON clients (folded);

CREATE TABLE albums (
    id     BLOB    NOT NULL PRIMARY KEY,
    name   TEXT    NOT NULL,
    folded TEXT    NOT NULL,
    trash  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX albums_name ON albums (folded);

-- photo is the photo's id: an album may name one whose row has not come yet.
CREATE TABLE album_items (
    album BLOB NOT NULL REFERENCES albums (id) ON DELETE CASCADE,
    photo BLOB NOT NULL,
    key   TEXT NOT NULL,
    PRIMARY KEY (album, photo)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_items_order ON album_items (album, key, photo);
CREATE INDEX album_items_photo ON album_items (photo);

CREATE TABLE shares (
    id     BLOB NOT NULL PRIMARY KEY,
    fields TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    id       BLOB NOT NULL PRIMARY KEY,
    name     TEXT NOT NULL,
    platform TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- rowid = photos.n. Holds the words only, not the text.
CREATE VIRTUAL TABLE search USING fts5 (
    name, keywords, title, caption, shoot, client, camera, lens,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2'
);

-- From here on: this computer only, never in the bucket. Times are Unix milliseconds.

CREATE TABLE local_files (
    file        BLOB    NOT NULL UNIQUE,
    path        TEXT    NOT NULL UNIQUE,
    bytes       INTEGER NOT NULL,
    mtime_ns    INTEGER NOT NULL,
    verified_at INTEGER NOT NULL
) STRICT;

CREATE TABLE mirror_copies (
    file        BLOB    NOT NULL,
    mirror      TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    verified_at INTEGER NOT NULL,
    UNIQUE (file, mirror)
) STRICT;

CREATE TABLE cloud_files (
    file         BLOB    NOT NULL PRIMARY KEY,
    committed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Asking 200,000 files for their copies takes a tenth of a second, so the answer stands at the photo.
-- (Replacing a row fires the trigger of its deletion too: `recursive_triggers` is on.)
CREATE TRIGGER local_insert AFTER INSERT ON local_files BEGIN
    UPDATE photos SET
        missing = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM local_files c WHERE c.file = f.id))
    WHERE n IN (SELECT photo FROM files WHERE id = NEW.file);
END;
CREATE TRIGGER local_delete AFTER DELETE ON local_files BEGIN
    UPDATE photos SET
        missing = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM local_files c WHERE c.file = f.id))
    WHERE n IN (SELECT photo FROM files WHERE id = OLD.file);
END;
CREATE TRIGGER cloud_insert AFTER INSERT ON cloud_files BEGIN
    UPDATE photos SET
        not_in_cloud = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.id))
    WHERE n IN (SELECT photo FROM files WHERE id = NEW.file);
END;
CREATE TRIGGER cloud_delete AFTER DELETE ON cloud_files BEGIN
    UPDATE photos SET
        not_in_cloud = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.id))
    WHERE n IN (SELECT photo FROM files WHERE id = OLD.file);
END;
CREATE TRIGGER files_insert AFTER INSERT ON files BEGIN
    UPDATE photos SET
        missing = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM local_files c WHERE c.file = f.id)),
        not_in_cloud = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.id))
    WHERE n = NEW.photo;
END;
CREATE TRIGGER files_delete AFTER DELETE ON files BEGIN
    UPDATE photos SET
        missing = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM local_files c WHERE c.file = f.id)),
        not_in_cloud = EXISTS (SELECT 1 FROM files f WHERE f.photo = photos.n
            AND NOT EXISTS (SELECT 1 FROM cloud_files c WHERE c.file = f.id))
    WHERE n = OLD.photo;
END;

CREATE TABLE imports (
    id        BLOB    NOT NULL PRIMARY KEY,
    source    TEXT    NOT NULL,
    card      TEXT,
    device_no TEXT,
    shoot     BLOB,
    started   INTEGER NOT NULL,
    ended     INTEGER,
    state     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX imports_source ON imports (source, started);

CREATE TABLE import_files (
    import    BLOB    NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    card_path BLOB    NOT NULL,
    bytes     INTEGER NOT NULL,
    mtime_ns  INTEGER NOT NULL,
    sha256    BLOB,
    outcome   TEXT    NOT NULL,
    reason    TEXT,
    file      BLOB,
    PRIMARY KEY (import, card_path)
) STRICT, WITHOUT ROWID;

CREATE TABLE card_seen (
    card     TEXT    NOT NULL,
    path     BLOB    NOT NULL,
    bytes    INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sha256   BLOB    NOT NULL,
    PRIMARY KEY (card, path)
) STRICT, WITHOUT ROWID;
