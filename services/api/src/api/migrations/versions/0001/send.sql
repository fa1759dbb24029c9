-- A message to everybody else in a demand. The conversation's row is locked first; who may write and who is owed are
-- read after that, so a claim, decline or close in the same instant is either before it or after it, never half.
CREATE FUNCTION messages_send_v1(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  dem uuid, words text, styles jsonb, answered uuid, origin_address text, origin_message text,
  OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; line conversations; seat participants; said messages; recipients integer;
BEGIN
  SELECT u.* INTO who FROM identities i JOIN users u ON u.id = i.user_id
  WHERE i.channel = actor_channel AND i.external_id = actor_ref;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT c.* INTO line FROM conversations c WHERE c.demand_id = dem FOR NO KEY UPDATE;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'messages.send' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  IF line.demand_id IS NULL OR NOT (who.id = ANY (line.seats)) THEN
    failure := CASE WHEN line.demand_id IS NOT NULL AND may_see_v1(who.id, dem) THEN 'Forbidden' ELSE 'NotFound' END;
    RETURN;
  END IF;
  IF NOT line.open THEN failure := 'AlreadyClosed'; RETURN; END IF;
  IF answered IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.id = answered AND m.demand_id = dem) THEN
    failure := 'NotFound'; RETURN;
  END IF;

  SELECT p.* INTO seat FROM participants p WHERE p.demand_id = dem AND p.user_id = who.id AND p.left_at IS NULL;
  UPDATE conversations c SET last_seq = c.last_seq + 1, revision = c.revision + 1, last_message_at = now(),
    first_response_at = CASE WHEN seat.role = 'provider' THEN coalesce(c.first_response_at, now()) ELSE c.first_response_at END
  WHERE c.demand_id = dem RETURNING c.* INTO line;
  INSERT INTO messages (demand_id, seq, kind, author_id, author_role, alias, text, entities, reply_to)
  VALUES (dem, line.last_seq, 'message', who.id, seat.role, seat.alias, words, styles, answered) RETURNING * INTO said;
  IF origin_address IS NOT NULL THEN
    INSERT INTO message_origins (message_id, destination_id, channel_message_id)
    SELECT said.id, t.id, origin_message FROM destinations t WHERE t.channel = actor_channel AND t.address = origin_address;
  END IF;
  recipients := owe_v1(array_remove(line.seats, who.id), dem, said.id, NULL, '{}', trace);
  PERFORM fact_v1('message', said.id, 'sent', jsonb_build_object('demand', dem, 'message', said.id, 'seq', said.seq), trace);
  body := json_build_object('id', said.id, 'seq', said.seq, 'at', said.created_at, 'recipients', recipients)::text;
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'messages.send', call_key, call_hash, body);
END $$;
