-- Which bot of a channel the ledger belongs to, written by whoever starts it the first time: people's chats are with that
-- one, and to any other they cannot be reached.
CREATE TABLE bots (
  channel text PRIMARY KEY CHECK (channel IN ('telegram')),
  external_id text NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);
