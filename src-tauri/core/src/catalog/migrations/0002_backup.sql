-- What this computer knows of the vault: never in the bucket in this form, and no key in clear.

CREATE TABLE vault_notes (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vault_slots (
    file TEXT NOT NULL PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Ring pages as they lie in the bucket. named: some joined or own commit names it.
CREATE TABLE vault_pages (
    page   BLOB    NOT NULL PRIMARY KEY CHECK (length(page) = 20),
    shoot  BLOB    NOT NULL,
    sha256 BLOB    NOT NULL,
    sealed BLOB    NOT NULL,
    named  INTEGER NOT NULL
) STRICT;

-- Segments whose rows are in this catalogue.
CREATE TABLE vault_segments (
    segment BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Commits this catalogue wrote: one under our device id that is missing here was written by a clone.
CREATE TABLE vault_commits (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Which key a subject's rows and files are sealed under; the key itself is in a page.
CREATE TABLE subject_keys (
    subject BLOB NOT NULL,
    kind    TEXT NOT NULL,
    kid     BLOB NOT NULL,
    PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;

-- The journal of uploads: written before anything is sent, gone once a commit reaches it.
-- sha256: of the whole body where it is put at once. salt, upload, part_bytes: of one in parts.
-- put_at: when the store was seen to have it (Unix milliseconds), and its places are in the photos.
CREATE TABLE uploads (
    name       TEXT    NOT NULL PRIMARY KEY,
    bytes      INTEGER NOT NULL,
    sha256     BLOB,
    salt       BLOB,
    upload     TEXT,
    part_bytes INTEGER,
    put_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE upload_parts (
    name   TEXT    NOT NULL REFERENCES uploads (name) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sha256 BLOB    NOT NULL,
    PRIMARY KEY (name, number)
) STRICT, WITHOUT ROWID;

-- The fields of photos that will name the upload.
CREATE TABLE upload_items (
    name  TEXT NOT NULL REFERENCES uploads (name) ON DELETE CASCADE,
    photo BLOB NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, photo, field)
) STRICT, WITHOUT ROWID;
