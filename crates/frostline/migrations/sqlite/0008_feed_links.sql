-- Links by which a calendar program reads the feed of one person or one room, without signing in.

CREATE TABLE feed_links (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    -- person or room
    kind TEXT NOT NULL,
    -- The key of the person or the room.
    whose TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_s INTEGER NOT NULL
) STRICT;
