-- Edits, take-backs, reactions, read marks, notes, files; what a begun delivery showed and who holds it.

-- A line of a conversation has a gapless number; a note has none, so that nobody can tell from the numbers that staff
-- wrote something: it stands after the line `after_seq`, under a negative number of its own.
ALTER TABLE messages
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD COLUMN revision bigint NOT NULL DEFAULT 0,
  ADD COLUMN edited_at timestamptz,
  ADD COLUMN taken_back_at timestamptz,
  ADD COLUMN after_seq integer,
  ADD COLUMN audience text CHECK (audience IN ('moderators', 'provider')),
  ADD COLUMN whispered_to uuid REFERENCES users,
  ADD COLUMN location jsonb,
  ADD COLUMN venue jsonb,
  ADD COLUMN contact jsonb,
  DROP CONSTRAINT messages_seq_check,
  ADD CONSTRAINT messages_seq_check CHECK (CASE WHEN kind = 'note' THEN seq < 0 AND after_seq IS NOT NULL AND after_seq >= 0
    ELSE seq > 0 AND after_seq IS NULL END), -- I9
  ADD CONSTRAINT messages_audience_is_of_a_note CHECK (audience IS NULL OR kind = 'note'),
  ADD CONSTRAINT messages_whisper_has_a_reader CHECK ((audience IS NOT DISTINCT FROM 'provider') = (whispered_to IS NOT NULL)),
  ADD CONSTRAINT messages_taken_back_says_nothing CHECK (taken_back_at IS NULL OR text = '' AND location IS NULL AND venue IS NULL AND contact IS NULL);
UPDATE messages SET revision = seq;
CREATE INDEX messages_revised ON messages (demand_id, revision);
CREATE INDEX messages_notes ON messages (demand_id, after_seq, (-seq)) WHERE seq < 0;
ALTER TABLE conversations ADD COLUMN last_note integer NOT NULL DEFAULT 0;
ALTER TABLE participants ADD COLUMN read_seq integer NOT NULL DEFAULT 0;

-- Whoever puts a line in has raised the conversation's revision before.
CREATE FUNCTION messages_revision_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.revision := coalesce((SELECT c.revision FROM conversations c WHERE c.demand_id = NEW.demand_id), 0);
  RETURN NEW;
END $$;
CREATE TRIGGER messages_revision BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.revision = 0)
  EXECUTE FUNCTION messages_revision_v1();

-- What a message said before it was edited or taken back.
CREATE TABLE message_versions (
  message_id uuid NOT NULL REFERENCES messages (id),
  version integer NOT NULL,
  text text NOT NULL,
  entities jsonb NOT NULL,
  location jsonb,
  venue jsonb,
  contact jsonb,
  said_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, version)
);

CREATE TABLE message_reactions (
  message_id uuid NOT NULL REFERENCES messages (id),
  user_id uuid NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('requester', 'provider', 'moderator')),
  alias text NOT NULL,
  emoji text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, user_id)
);

CREATE INDEX message_reactions_user ON message_reactions (user_id);

-- Files as their channel knows them.
CREATE TABLE attachments (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  message_id uuid NOT NULL REFERENCES messages (id),
  position smallint NOT NULL CHECK (position BETWEEN 1 AND 10),
  kind text NOT NULL CHECK (kind IN ('photo', 'video', 'video_note', 'voice', 'audio', 'document', 'animation', 'sticker')),
  channel text NOT NULL CHECK (channel IN ('telegram', 'web', 'service')),
  file_id text NOT NULL,
  unique_id text NOT NULL DEFAULT '',
  name text,
  mime text,
  size bigint,
  width integer,
  height integer,
  duration integer,
  state text NOT NULL DEFAULT 'remote' CHECK (state IN ('remote')),
  CONSTRAINT attachments_position_key UNIQUE (message_id, position)
);

-- `shown_version`: the message's version when the delivery was last begun. `holder`: the process that has it in hand.
-- `deletes`: the one delivery whose copies a `delete` takes away, where it is not about all of a message.
ALTER TABLE deliveries
  ADD COLUMN shown_version integer,
  ADD COLUMN holder text,
  ADD COLUMN IF NOT EXISTS deletes uuid REFERENCES deliveries,
  ADD CONSTRAINT deliveries_change_has_a_message CHECK (kind NOT IN ('edit', 'react') OR message_id IS NOT NULL);
CREATE INDEX deliveries_changes ON deliveries (message_id, destination_id) WHERE kind IN ('edit', 'delete', 'react');
-- Alerts to a demand, to be brought up to date; and what somebody heard last of where they may help.
CREATE INDEX deliveries_offered ON deliveries (demand_id) WHERE notice = 'offered';
CREATE INDEX deliveries_gains ON deliveries (recipient_id, position) WHERE notice IN ('membership_approved', 'membership_changed');
CREATE INDEX deliveries_failed ON deliveries (demand_id) WHERE status IN ('refused', 'parked', 'withdrawn');
-- All that was ever owed for a demand; alone of these it takes every delivery in, as whoever forgets a demand looks for any.
CREATE INDEX deliveries_demand ON deliveries (demand_id) WHERE demand_id IS NOT NULL;
