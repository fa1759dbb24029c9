-- What staff decide about people, and what they may look up.

-- `restricted_until`: may begin nothing new until then; 'infinity' until it is lifted. `quiet_*`: minutes of the person's
-- day. `chose_name`: the display name is not that of a channel, which would change it. `words`: what staff find a person by, kept by the triggers of users/people.sql.
ALTER TABLE users
  ADD COLUMN restricted_until timestamptz,
  ADD COLUMN time_zone text,
  ADD COLUMN quiet_from smallint,
  ADD COLUMN quiet_to smallint,
  ADD COLUMN alias text,
  ADD COLUMN chose_name boolean NOT NULL DEFAULT false,
  ADD COLUMN erased_at timestamptz,
  ADD COLUMN erased_by bytea, -- a keyed digest of who asked for it and under which key, who may not have heard the answer
  ADD COLUMN words tsvector NOT NULL DEFAULT '',
  ADD CONSTRAINT users_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)
    AND quiet_from BETWEEN 0 AND 1439 AND quiet_to BETWEEN 0 AND 1439 AND quiet_from <> quiet_to),
  ADD CONSTRAINT users_erased_is_nobody CHECK (erased_at IS NULL
    OR display_name = '' AND phone IS NULL AND alias IS NULL AND NOT is_admin AND held = 0);
CREATE INDEX users_words ON users USING gin (words);
CREATE INDEX users_admins ON users (id) WHERE is_admin;
CREATE INDEX users_banned ON users (id) WHERE banned_at IS NOT NULL;
CREATE INDEX users_erased_by ON users (erased_by) WHERE erased_by IS NOT NULL;

-- What a `delete` takes out of a chat; once each, and again only in place of one that failed.
ALTER TABLE deliveries ADD COLUMN deletes uuid REFERENCES deliveries;
CREATE UNIQUE INDEX deliveries_deleted_once ON deliveries (deletes) WHERE deletes IS NOT NULL AND supersedes IS NULL;
CREATE INDEX deliveries_recipient ON deliveries (recipient_id);

-- Who was forgotten: a keyed digest of each identity they had, so that a ban outlives it. The key is drawn here and mixed
-- with one from the settings where the installation has one.
CREATE TABLE erased_identities (
  digest bytea NOT NULL,
  user_id uuid NOT NULL REFERENCES users,
  erased_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (digest, user_id)
);
CREATE INDEX erased_identities_user ON erased_identities (user_id);
CREATE TABLE digest_keys (purpose text PRIMARY KEY, key bytea NOT NULL);
INSERT INTO digest_keys VALUES ('erased', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

CREATE INDEX participants_person ON participants (user_id, joined_at);
CREATE INDEX messages_author ON messages (author_id, id) WHERE author_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_operation ON audit (operation, id);
