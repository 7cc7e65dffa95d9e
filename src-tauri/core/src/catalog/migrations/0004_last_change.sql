-- What the file system of a source said of a file that nobody can set, where it keeps such things:
-- as long as it says the same, the file need not even be looked at.

ALTER TABLE card_seen ADD COLUMN inode INTEGER;
ALTER TABLE card_seen ADD COLUMN changed_ns INTEGER;
