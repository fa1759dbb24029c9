-- Drafts, versions, merging, reopening, reporting, confirming.

-- `waiting_since`: the last return to the queue. `done_asked_at`: the requester was asked whether the help arrived and has
-- not answered yet.
ALTER TABLE demands
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN waiting_since timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN first_held_at timestamptz,
  ADD COLUMN done_asked_at timestamptz,
  ADD COLUMN merged_into uuid REFERENCES demands,
  ADD CONSTRAINT demands_merged_is_a_duplicate CHECK (merged_into IS NULL
    OR merged_into <> id AND status = 'closed' AND close_reason = 'duplicate');
UPDATE demands SET created_at = submitted_at, waiting_since = submitted_at, first_held_at = held_at;
CREATE INDEX demands_merged ON demands (merged_into) WHERE merged_into IS NOT NULL;
-- Looking at everything, oldest first; once for what goes on and once for whatever was ever submitted.
CREATE INDEX demands_active_age ON demands (submitted_at, id) WHERE status IN ('waiting', 'held');
CREATE INDEX demands_age ON demands (submitted_at, id) WHERE status <> 'draft';

-- When the requester said that help is still needed; beside the last message it is what the idle clock counts from.
ALTER TABLE conversations ADD COLUMN still_needed_at timestamptz;

-- Released: the requester (or staff) wanted somebody else; the same as declined, but nobody's doing of their own.
ALTER TABLE participants ADD COLUMN released_at timestamptz;

-- The number Share was pressed for, and none that its owner took later: that one is shown once Share is pressed for it.
ALTER TABLE participants ADD COLUMN shared_phone text;
UPDATE participants p SET shared_phone = u.phone FROM users u WHERE u.id = p.user_id AND p.contact_shared_at IS NOT NULL;
CREATE FUNCTION participants_keep_phone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.shared_phone := CASE WHEN NEW.contact_shared_at IS NOT NULL THEN (SELECT u.phone FROM users u WHERE u.id = NEW.user_id) END;
  RETURN NEW;
END $$;
CREATE TRIGGER participants_shared BEFORE UPDATE OF contact_shared_at ON participants FOR EACH ROW
  EXECUTE FUNCTION participants_keep_phone();
-- Who has their number deleted shows it to nobody any more.
CREATE FUNCTION users_unshare_phone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE participants p SET shared_phone = NULL WHERE p.user_id = NEW.id AND p.shared_phone IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER users_phone_deleted AFTER UPDATE OF phone ON users FOR EACH ROW
  WHEN (OLD.phone IS NOT NULL AND NEW.phone IS NULL) EXECUTE FUNCTION users_unshare_phone();

-- What a demand said before each change.
CREATE TABLE demand_versions (
  demand_id uuid NOT NULL REFERENCES demands,
  version integer NOT NULL,
  scenario_id uuid NOT NULL REFERENCES scenarios,
  title text NOT NULL,
  description text NOT NULL,
  payload jsonb NOT NULL,
  urgency text NOT NULL,
  changed_by uuid REFERENCES users,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (demand_id, version)
);

CREATE INDEX demand_versions_changer ON demand_versions (changed_by) WHERE changed_by IS NOT NULL;

-- What the requester says after an end; a demand that was taken up again may end again.
CREATE TABLE feedback (
  demand_id uuid NOT NULL REFERENCES demands,
  closed_at timestamptz NOT NULL,
  helped boolean NOT NULL,
  words text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (demand_id, closed_at)
);

CREATE TABLE reports (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  demand_id uuid NOT NULL REFERENCES demands,
  reporter_id uuid NOT NULL REFERENCES users,
  reporter_role text CHECK (reporter_role IN ('requester', 'provider', 'moderator')),
  reason text NOT NULL,
  evidence uuid[] NOT NULL DEFAULT '{}', -- messages (id), the last ones said before it
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved')),
  created_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  resolved_by uuid REFERENCES users,
  decision text CHECK (decision IN ('acted', 'dismissed')),
  note text NOT NULL DEFAULT '',
  CONSTRAINT reports_resolved_is_decided CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)
    AND (status = 'resolved') = (decision IS NOT NULL))
);
CREATE UNIQUE INDEX reports_open_once ON reports (demand_id, reporter_id) WHERE status = 'open';
CREATE INDEX reports_open ON reports (created_at, id) WHERE status = 'open';
CREATE INDEX reports_demand ON reports (demand_id, created_at);
CREATE INDEX reports_reporter ON reports (reporter_id, created_at);
CREATE INDEX reports_resolver ON reports (resolved_by) WHERE resolved_by IS NOT NULL;

-- Dates that follow the status by themselves, whoever changes it.
CREATE FUNCTION demands_keep_dates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'waiting' AND OLD.status <> 'waiting' THEN NEW.waiting_since := now();
  ELSIF NEW.status = 'held' THEN NEW.first_held_at := coalesce(NEW.first_held_at, now());
  END IF;
  NEW.done_asked_at := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER demands_dates BEFORE UPDATE OF status, provider_id ON demands FOR EACH ROW
  WHEN (OLD.status <> NEW.status OR OLD.provider_id IS DISTINCT FROM NEW.provider_id) EXECUTE FUNCTION demands_keep_dates();
