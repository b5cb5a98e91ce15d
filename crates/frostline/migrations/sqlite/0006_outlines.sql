-- What worklists read of a case instead of its events; made from them, and made again where it is not of the last one.

CREATE TABLE outlines (
    stream TEXT NOT NULL PRIMARY KEY,
    -- Of the event that it was made after.
    seq INTEGER NOT NULL,
    -- Until which day, counted from 1970, lists want it.
    listed_until INTEGER NOT NULL,
    outline TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX outlines_listed ON outlines (listed_until);
