-- The ledger: what is true and what is owed. Constraints carry the invariants' names in their comments.

CREATE SEQUENCE deliveries_position AS bigint;

-- Functions of indexes name their schema: PostgreSQL maintains indexes under an empty search path.
-- Words of a text for searching: case folded, ё as е, any script, letters and digits only.
CREATE FUNCTION words_of(t text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_remove(regexp_split_to_array(
    translate(casefold(normalize(t, NFC) COLLATE pg_unicode_fast), 'ё', 'е'), '[^[:alnum:]]+'), '')
$$;
-- How a name is compared: the same words in the same order are the same name.
CREATE FUNCTION same_name(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_string(public.words_of(t), ' ')
$$;
CREATE FUNCTION search_vector(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(ARRAY(SELECT DISTINCT left(w, 200) FROM unnest(public.words_of(t)) AS w))
$$;
-- Every word of three letters or more must match by prefix; shorter ones count only when alone. No word, no query: NULL.
CREATE FUNCTION search_query(t text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg('''' || left(w, 200) || ''':*', ' & ')::tsquery FROM unnest(public.words_of(t)) AS w
  WHERE length(w) >= 3 OR NOT EXISTS (SELECT FROM unnest(public.words_of(t)) AS o WHERE length(o) >= 3)
$$;

CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  display_name text NOT NULL,
  locale text NOT NULL DEFAULT 'en',
  phone text,
  capacity integer NOT NULL DEFAULT 1 CHECK (capacity >= 0),
  held integer NOT NULL DEFAULT 0 CHECK (held >= 0),
  is_admin boolean NOT NULL DEFAULT false,
  banned_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

CREATE TABLE identities (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id uuid NOT NULL REFERENCES users,
  channel text NOT NULL CHECK (channel IN ('telegram', 'web', 'service')),
  external_id text NOT NULL,
  username text,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT identities_external_key UNIQUE (channel, external_id) -- I15
);
CREATE INDEX identities_user ON identities (user_id);

-- Where something can be sent: a person's chat, a staff chat, a topic in it.
CREATE TABLE destinations (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  channel text NOT NULL CHECK (channel IN ('telegram')),
  address text NOT NULL,
  identity_id uuid UNIQUE REFERENCES identities,
  reachable boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT destinations_address_key UNIQUE (channel, address)
) WITH (fillfactor = 80);

CREATE TABLE bootstrap_tokens (
  token_hash bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

CREATE TABLE scenarios (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  place text NOT NULL,
  resource text NOT NULL,
  description text NOT NULL DEFAULT '',
  payload jsonb NOT NULL DEFAULT '{}',
  routing text NOT NULL DEFAULT 'pull' CHECK (routing IN ('pull', 'push')),
  provider_may_close boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  words tsvector NOT NULL GENERATED ALWAYS AS (search_vector(place || ' ' || resource || ' ' || description)) STORED,
  CONSTRAINT scenarios_has_a_name CHECK (same_name(place) <> '' AND same_name(resource) <> '')
);
CREATE UNIQUE INDEX scenarios_live_key ON scenarios (same_name(place), same_name(resource))
  WHERE retired_at IS NULL;
CREATE INDEX scenarios_words ON scenarios USING gin (words);

CREATE TABLE memberships (
  user_id uuid NOT NULL REFERENCES users,
  scenario_id uuid NOT NULL REFERENCES scenarios,
  kind text NOT NULL CHECK (kind IN ('provider', 'moderator')),
  state text NOT NULL CHECK (state IN ('applied', 'live', 'rejected', 'removed')),
  routing_factor double precision NOT NULL DEFAULT 1 CHECK (routing_factor >= 0),
  paused_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, kind, scenario_id)
);
CREATE INDEX memberships_scenario ON memberships (scenario_id, kind) WHERE state = 'live';

CREATE TABLE demands (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  number text NOT NULL,
  scenario_id uuid NOT NULL REFERENCES scenarios,
  requester_id uuid NOT NULL REFERENCES users,
  provider_id uuid REFERENCES users,
  status text NOT NULL CHECK (status IN ('draft', 'waiting', 'held', 'closed')),
  urgency text NOT NULL DEFAULT 'normal' CHECK (urgency IN ('normal', 'urgent', 'critical')),
  rank smallint NOT NULL GENERATED ALWAYS AS (CASE urgency WHEN 'critical' THEN 0 WHEN 'urgent' THEN 1 ELSE 2 END) STORED,
  title text NOT NULL,
  description text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  channel text NOT NULL CHECK (channel IN ('telegram', 'web', 'service')),
  version integer NOT NULL DEFAULT 1,
  submitted_at timestamptz NOT NULL DEFAULT now(),
  held_at timestamptz,
  closed_at timestamptz,
  closed_by uuid REFERENCES users,
  close_reason text CHECK (close_reason IN ('fulfilled', 'cancelled', 'moderated', 'inactive', 'duplicate')),
  words tsvector NOT NULL GENERATED ALWAYS AS (search_vector(number || ' ' || title || ' ' || description)) STORED,
  CONSTRAINT demands_held_has_provider CHECK ((status = 'held') = (provider_id IS NOT NULL)), -- I1, I2
  CONSTRAINT demands_provider_is_not_requester CHECK (provider_id <> requester_id), -- I3
  CONSTRAINT demands_closed_is_explained CHECK ((status = 'closed') = (closed_at IS NOT NULL)
    AND (status = 'closed') = (close_reason IS NOT NULL)) -- I8
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX demands_waiting ON demands (scenario_id, rank, submitted_at, id) WHERE status = 'waiting';
CREATE UNIQUE INDEX demands_active_number ON demands (number) WHERE status <> 'closed';
CREATE INDEX demands_requester ON demands (requester_id, status);
CREATE INDEX demands_provider ON demands (provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX demands_scenario ON demands (scenario_id, submitted_at, id);
CREATE INDEX demands_words ON demands USING gin (words);

-- users.held follows the deciding state by itself; whoever changes it holds the person's row (lock order: people,
-- demand, conversation).
CREATE FUNCTION demands_count_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.provider_id IS NOT NULL AND OLD.provider_id IS DISTINCT FROM NEW.provider_id THEN
    UPDATE users SET held = held - 1 WHERE id = OLD.provider_id;
  END IF;
  IF NEW.provider_id IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.provider_id IS DISTINCT FROM NEW.provider_id) THEN
    UPDATE users SET held = held + 1 WHERE id = NEW.provider_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER demands_held AFTER INSERT OR UPDATE OF provider_id, status ON demands
  FOR EACH ROW EXECUTE FUNCTION demands_count_held();

-- The record of who is and was seated. `skips`: this demand is not offered to this user; only while it is active, so that
-- looking for the next demand never grows with history.
CREATE TABLE participants (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  demand_id uuid NOT NULL REFERENCES demands,
  user_id uuid NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('requester', 'provider', 'moderator')),
  alias text NOT NULL,
  joined_at timestamptz NOT NULL DEFAULT now(),
  left_at timestamptz,
  declined_at timestamptz,
  reset_at timestamptz,
  contact_shared_at timestamptz,
  skips boolean NOT NULL DEFAULT false,
  CONSTRAINT participants_alias_key UNIQUE (demand_id, alias)
);
CREATE UNIQUE INDEX participants_live_key ON participants (demand_id, user_id) WHERE left_at IS NULL;
CREATE UNIQUE INDEX participants_one_provider ON participants (demand_id) WHERE role = 'provider' AND left_at IS NULL; -- I1
CREATE UNIQUE INDEX participants_one_requester ON participants (demand_id) WHERE role = 'requester' AND left_at IS NULL; -- I1
CREATE INDEX participants_user ON participants (user_id) WHERE left_at IS NULL;
CREATE INDEX participants_skips ON participants (user_id, demand_id) WHERE skips; -- I4

-- One row a demand, locked first by everything that is said or changes who hears it. `seats` are the live participants.
CREATE TABLE conversations (
  demand_id uuid PRIMARY KEY REFERENCES demands,
  last_seq integer NOT NULL DEFAULT 0,
  revision bigint NOT NULL DEFAULT 0,
  open boolean NOT NULL DEFAULT true,
  seats uuid[] NOT NULL DEFAULT '{}',
  first_response_at timestamptz,
  last_message_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);

CREATE TABLE messages (
  demand_id uuid NOT NULL REFERENCES demands,
  seq integer NOT NULL CHECK (seq > 0),
  id uuid NOT NULL DEFAULT uuidv7(),
  kind text NOT NULL CHECK (kind IN ('message', 'notice', 'note')),
  author_id uuid REFERENCES users,
  author_role text CHECK (author_role IN ('requester', 'provider', 'moderator')),
  alias text,
  text text NOT NULL DEFAULT '',
  entities jsonb NOT NULL DEFAULT '[]',
  notice text,
  data jsonb NOT NULL DEFAULT '{}',
  reply_to uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (demand_id, seq), -- I9
  CONSTRAINT messages_id_key UNIQUE (id),
  CONSTRAINT messages_notice_is_named CHECK ((kind = 'notice') = (notice IS NOT NULL))
);

CREATE TABLE deliveries (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  destination_id uuid NOT NULL REFERENCES destinations,
  recipient_id uuid REFERENCES users,
  demand_id uuid REFERENCES demands,
  message_id uuid REFERENCES messages (id),
  kind text NOT NULL DEFAULT 'send' CHECK (kind IN ('send', 'edit', 'delete', 'react', 'card')),
  notice text,
  data jsonb NOT NULL DEFAULT '{}',
  status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'sending', 'sent', 'refused', 'parked', 'withdrawn')),
  position bigint NOT NULL DEFAULT nextval('deliveries_position'),
  attempts integer NOT NULL DEFAULT 0,
  doubts integer NOT NULL DEFAULT 0,
  supersedes uuid REFERENCES deliveries,
  refers_to uuid REFERENCES messages (id),
  not_before timestamptz,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  began_at timestamptz,
  settled_at timestamptz,
  reason text,
  traceparent text NOT NULL DEFAULT '',
  CONSTRAINT deliveries_says_something CHECK (message_id IS NOT NULL OR notice IS NOT NULL),
  CONSTRAINT deliveries_final_is_dated CHECK ((status IN ('pending', 'sending')) = (settled_at IS NULL)) -- I12
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX deliveries_owed ON deliveries (destination_id, position) WHERE status IN ('pending', 'sending');
CREATE UNIQUE INDEX deliveries_once ON deliveries (message_id, destination_id)
  WHERE kind = 'send' AND supersedes IS NULL AND message_id IS NOT NULL; -- I11
CREATE UNIQUE INDEX deliveries_superseded_once ON deliveries (supersedes) WHERE supersedes IS NOT NULL;
CREATE UNIQUE INDEX deliveries_refusal_told_once ON deliveries (refers_to, destination_id)
  WHERE notice = 'message_refused' AND supersedes IS NULL;
CREATE INDEX deliveries_unreachable ON deliveries (destination_id) WHERE status = 'refused' AND reason = 'unreachable';
CREATE INDEX deliveries_parked ON deliveries (settled_at) WHERE status = 'parked';

-- Every channel message a delivery became, so that a reply to it finds its way back.
CREATE TABLE delivery_parts (
  delivery_id uuid NOT NULL REFERENCES deliveries,
  part smallint NOT NULL,
  destination_id uuid NOT NULL REFERENCES destinations,
  channel_message_id text NOT NULL,
  PRIMARY KEY (delivery_id, part, channel_message_id)
);
CREATE INDEX delivery_parts_located ON delivery_parts (destination_id, channel_message_id);

-- Where a person's own message came from.
CREATE TABLE message_origins (
  message_id uuid NOT NULL REFERENCES messages (id),
  destination_id uuid NOT NULL REFERENCES destinations,
  channel_message_id text NOT NULL,
  PRIMARY KEY (message_id, destination_id)
);
CREATE INDEX message_origins_located ON message_origins (destination_id, channel_message_id);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  msg_id uuid NOT NULL DEFAULT uuidv7(),
  subject text NOT NULL,
  body jsonb NOT NULL,
  traceparent text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE idempotency (
  actor text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  body_hash bigint NOT NULL,
  reply text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor, operation, key) -- I18
);
CREATE INDEX idempotency_created ON idempotency USING brin (created_at);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  operation text NOT NULL,
  subject_id uuid,
  detail jsonb NOT NULL DEFAULT '{}',
  traceparent text NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject_id, at);
