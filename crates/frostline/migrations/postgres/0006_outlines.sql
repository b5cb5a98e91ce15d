-- What worklists read of a case instead of its events; made from them, and made again where it is not of the last one.

CREATE TABLE outlines (
    stream TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- Of the event that it was made after.
    seq BIGINT NOT NULL,
    -- Until which day, counted from 1970, lists want it.
    listed_until BIGINT NOT NULL,
    outline TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE INDEX outlines_listed ON outlines (listed_until);
