-- Version 2: data sets, and models that are trained from them (Einstein Language).

ALTER TABLE runs ADD COLUMN protocol TEXT NOT NULL DEFAULT 'knovvu';  -- or 'einstein'
ALTER TABLE runs ADD COLUMN name TEXT NOT NULL DEFAULT '';            -- of an Einstein model
ALTER TABLE runs ADD COLUMN dataset_id INTEGER;                       -- of an Einstein model

CREATE INDEX newest_run_of_dataset ON runs (dataset_id, ordinal DESC)
    WHERE dataset_id IS NOT NULL;

CREATE UNIQUE INDEX one_training_per_dataset ON runs (dataset_id)
    WHERE dataset_id IS NOT NULL AND state IN ('queued', 'running');

-- Cells of the confusion matrix of the held-out texts, JSON: [[true, predicted, count], ...]
ALTER TABLE epochs ADD COLUMN confusion TEXT NOT NULL DEFAULT '[]';

CREATE TABLE datasets (
    dataset_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,                 -- text-intent or text-sentiment
    language   TEXT NOT NULL,
    -- One that is deleted is unknown to all, and is cleared away little by little.
    state      TEXT NOT NULL CHECK (state IN ('uploading', 'ready', 'failed', 'deleted')),
    message    TEXT NOT NULL DEFAULT '',      -- why it failed
    duplicates INTEGER NOT NULL DEFAULT 0,
    words      INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,    -- of its texts
    created    REAL NOT NULL,
    updated    REAL NOT NULL
);

-- Ids begin with seven digits, as the vendor's do.
INSERT INTO sqlite_sequence (name, seq) VALUES ('datasets', 1000000);

CREATE TABLE labels (
    dataset_id INTEGER NOT NULL REFERENCES datasets (dataset_id),
    label_id   INTEGER NOT NULL,              -- 0, 1, 2 ... in order of first appearance
    name       TEXT NOT NULL,
    examples   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (dataset_id, label_id),
    UNIQUE (dataset_id, name)
) WITHOUT ROWID;

CREATE TABLE examples (
    example_id INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset_id INTEGER NOT NULL,
    label_id   INTEGER NOT NULL,
    source     TEXT NOT NULL CHECK (source IN ('upload', 'feedback')),
    name       TEXT NOT NULL,
    text       TEXT NOT NULL,
    digest     BLOB NOT NULL,                 -- of the text, to find it again
    created    REAL NOT NULL,
    UNIQUE (dataset_id, label_id, digest),
    FOREIGN KEY (dataset_id, label_id) REFERENCES labels (dataset_id, label_id)
);

CREATE INDEX examples_in_order ON examples (dataset_id, example_id);

-- Files that came in and are not read to their end; each lies in the folder of uploads.
CREATE TABLE uploads (
    upload_id  TEXT PRIMARY KEY,
    dataset_id INTEGER NOT NULL UNIQUE REFERENCES datasets (dataset_id),
    file_name  TEXT NOT NULL,                 -- as the client calls it
    is_first   INTEGER NOT NULL,              -- whether it makes the data set, or adds to it
    is_checked INTEGER NOT NULL DEFAULT 0,    -- read to its end once, and found good
    rows_done  INTEGER NOT NULL DEFAULT 0     -- are examples by now
);

CREATE TABLE deletions (
    deletion_id TEXT PRIMARY KEY,
    type        TEXT NOT NULL,                -- DATASET or MODEL
    object_id   TEXT NOT NULL,
    created     REAL NOT NULL
);

CREATE TABLE predictions (
    month TEXT PRIMARY KEY,                   -- 2026-11
    used  INTEGER NOT NULL
);

PRAGMA user_version = 2;
