-- Staff chats: groups that show the demands of a scenario, each a destination like a person's chat, and nobody's.

-- A topic is a destination of its own; `chat_id`: the group it is in.
ALTER TABLE destinations ADD COLUMN chat_id uuid REFERENCES destinations;
CREATE INDEX destinations_topics ON destinations (chat_id) WHERE chat_id IS NOT NULL;

-- `topics`: mirror each conversation into a topic of its own. `group_grants_membership`: who presses Take there is a
-- provider from then on. `locale`: what the group is spoken to in.
CREATE TABLE staff_chats (
  scenario_id uuid NOT NULL REFERENCES scenarios,
  destination_id uuid NOT NULL REFERENCES destinations,
  title text NOT NULL DEFAULT '',
  locale text NOT NULL DEFAULT 'en',
  topics boolean NOT NULL DEFAULT false,
  group_grants_membership boolean NOT NULL DEFAULT false,
  bound_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scenario_id, destination_id)
);
CREATE INDEX staff_chats_destination ON staff_chats (destination_id);

-- Where a conversation is mirrored, if anywhere; beside its seats, so that whoever writes has it at hand.
ALTER TABLE conversations ADD COLUMN topic uuid REFERENCES destinations;
CREATE INDEX conversations_topic ON conversations (topic) WHERE topic IS NOT NULL;

-- A card is the demand itself and says nothing of its own.
ALTER TABLE deliveries
  DROP CONSTRAINT deliveries_says_something,
  ADD CONSTRAINT deliveries_says_something CHECK (message_id IS NOT NULL OR notice IS NOT NULL OR kind = 'card' AND demand_id IS NOT NULL);
CREATE INDEX deliveries_cards ON deliveries (demand_id, destination_id, position) WHERE kind = 'card' AND recipient_id IS NULL;
