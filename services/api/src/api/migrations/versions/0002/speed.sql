-- Whether a chat can be reached is held by a lock on its row (see demands/seats.sql); it was an advisory lock before. The new
-- column waits for every call under way that may hold the old one, and none begins until the new functions are there.

-- When somebody last said that the chat can be written to.
ALTER TABLE destinations ADD COLUMN came_back_at timestamptz;
