-- The state of the local service. Times are seconds since 1970.

CREATE TABLE runs (
    run_id           TEXT PRIMARY KEY,
    -- The newest run has the highest number: of all, and of its model. A trained model that is
    -- taken into service again (forceTrain=false) gets a new number.
    ordinal          INTEGER NOT NULL UNIQUE,
    model_id         TEXT NOT NULL,
    fields           TEXT NOT NULL,          -- the form's scalar fields as received, JSON
    sha256           TEXT NOT NULL,          -- of the data file
    state            TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    stage            TEXT NOT NULL,
    fraction         REAL NOT NULL DEFAULT 0,
    message          TEXT NOT NULL DEFAULT '',
    attempts         INTEGER NOT NULL DEFAULT 0,
    created          REAL NOT NULL,
    started          REAL,                   -- first start; a restart doesn't change it
    ended            REAL
);

CREATE INDEX newest_run_of_model ON runs (model_id, ordinal DESC);

CREATE UNIQUE INDEX one_training_per_model ON runs (model_id)
    WHERE state IN ('queued', 'running');

CREATE TABLE epochs (
    run_id  TEXT NOT NULL REFERENCES runs (run_id),
    epoch   INTEGER NOT NULL,
    elapsed REAL NOT NULL,
    metrics TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (run_id, epoch)
) WITHOUT ROWID;

PRAGMA user_version = 1;
