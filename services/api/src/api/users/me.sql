-- Who acts and where they sit, in one round trip: the bot asks it before most of what people write.
CREATE FUNCTION users_me_v1(actor_channel text, actor_ref text, OUT failure text, OUT body text) LANGUAGE plpgsql STABLE AS $$
DECLARE who uuid; banned boolean;
BEGIN
  IF actor_channel = 'user' THEN
    SELECT u.id, u.banned_at IS NOT NULL INTO who, banned FROM users u
    WHERE u.id = actor_ref::uuid AND u.merged_into IS NULL AND u.erased_at IS NULL;
  ELSE
    SELECT u.id, u.banned_at IS NOT NULL INTO who, banned FROM identities i JOIN users u ON u.id = i.user_id
    WHERE i.channel = actor_channel AND i.external_id = actor_ref;
  END IF;
  IF who IS NULL THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF banned THEN failure := 'Banned'; RETURN; END IF;
  body := me_reply_v1(who, false);
END $$;
