-- Which device a root of the library lay on when it was last seen: copies on one device count once.

CREATE TABLE roots (
    path   TEXT NOT NULL PRIMARY KEY,
    device TEXT NOT NULL
) STRICT, WITHOUT ROWID;
