-- Find or make the user behind an identity. The advisory lock makes twenty first contacts at one instant one user.
CREATE FUNCTION users_enter_v1(on_channel text, external text, name text, handle text, speaks text, trace text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE who identities; place destinations; made boolean := false; someone uuid;
BEGIN
  SELECT * INTO who FROM identities i WHERE i.channel = on_channel AND i.external_id = external;
  IF NOT FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(on_channel || ':' || external, 7201003));
    SELECT * INTO who FROM identities i WHERE i.channel = on_channel AND i.external_id = external;
    IF NOT FOUND THEN
      INSERT INTO users (display_name, locale) VALUES (name, speaks) RETURNING id INTO someone;
      INSERT INTO identities (user_id, channel, external_id, username) VALUES (someone, on_channel, external, handle)
      RETURNING * INTO who;
      INSERT INTO destinations (channel, address, identity_id) VALUES (on_channel, external, who.id);
      made := true;
    END IF;
  END IF;
  IF NOT made THEN
    -- A changed @username moves nothing; it is only remembered.
    UPDATE identities i SET username = handle WHERE i.id = who.id AND i.username IS DISTINCT FROM handle;
    UPDATE users u SET last_seen_at = now(), display_name = name WHERE u.id = who.user_id;
    -- Any contact makes an identity reachable again.
    SELECT * INTO place FROM destinations t WHERE t.identity_id = who.id AND NOT t.reachable;
    IF FOUND THEN PERFORM destination_reachable_v1(place.id, trace); END IF;
  END IF;
  RETURN me_reply_v1(who.user_id, made);
END $$;
