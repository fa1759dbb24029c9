-- Credentials of people who come by the web, and the linking of one person's channels. Sessions live in Redis.

-- An emptied user keeps its row: whoever held its id is led on.
ALTER TABLE users ADD COLUMN merged_into uuid REFERENCES users CHECK (merged_into <> id);

CREATE TABLE credentials (
  user_id uuid PRIMARY KEY REFERENCES users,
  password_hash text NOT NULL, -- argon2id with its parameters and salt
  password_changed_at timestamptz NOT NULL DEFAULT now(),
  totp_secret text, -- counts; sealed, like the next
  totp_pending text, -- shown, not confirmed
  totp_step bigint NOT NULL DEFAULT 0, -- the last 30 s a code of which was used: none of those or before comes again
  created_at timestamptz NOT NULL DEFAULT now(),
  used_by bytea, -- SHA-256 of the operation and key that used it, which may again: its answer may have been lost
  armed_by bytea, -- SHA-256 of the key its second factor was confirmed under, for the same reason
  made_by bytea -- SHA-256 of the key its sign-up was asked under: asked again, that is no other's wish
);

-- Who comes without an account, by a private code of more than 128 random bits.
CREATE TABLE guest_codes (
  user_id uuid PRIMARY KEY REFERENCES users,
  code_hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Each opens an account once without its second factor.
CREATE TABLE recovery_codes (
  user_id uuid NOT NULL REFERENCES users,
  code_hash bytea NOT NULL,
  used_at timestamptz,
  used_by bytea, -- as in `credentials`
  PRIMARY KEY (user_id, code_hash)
);

-- One a user at a time: shown in another channel it makes both one user, `became`.
CREATE TABLE link_codes (
  user_id uuid PRIMARY KEY REFERENCES users,
  code_hash bytea NOT NULL UNIQUE,
  channel text NOT NULL CHECK (channel IN ('telegram', 'web')),
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  became uuid REFERENCES users
);
-- Linking one more moves what earlier links led to.
CREATE INDEX link_codes_became ON link_codes (became) WHERE became IS NOT NULL;

-- Everything somebody ever sat in, whether they left or not: it moves with them.
CREATE INDEX participants_ever ON participants (user_id, demand_id);
CREATE INDEX users_merged ON users (merged_into) WHERE merged_into IS NOT NULL;
