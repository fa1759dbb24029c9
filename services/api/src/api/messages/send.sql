-- A message to everybody else in a demand. The conversation's row is locked first; who may write and who is owed are
-- read after that, so a claim, decline, close or ban in the same instant is either before it or after it, never half.
-- `extras`: what goes with the words, NULL when nothing does. An admin who has no seat yet gets one, and that is announced.
CREATE OR REPLACE FUNCTION messages_send_v2(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  dem uuid, words text, styles jsonb, extras jsonb, answered uuid, origin_address text, origin_message text,
  OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; line conversations; seat record; said messages; recipients integer;
BEGIN
  SELECT u.* INTO who FROM users u WHERE u.id = CASE WHEN actor_channel = 'user' THEN actor_ref::uuid
    ELSE (SELECT i.user_id FROM identities i WHERE i.channel = actor_channel AND i.external_id = actor_ref) END;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT c.* INTO line FROM conversations c WHERE c.demand_id = dem FOR NO KEY UPDATE;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'messages.send' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  SELECT u.banned_at IS NOT NULL AS banned, u.is_admin, u.merged_into, p.role, p.alias INTO seat
  FROM users u LEFT JOIN participants p ON p.demand_id = dem AND p.user_id = u.id AND p.left_at IS NULL WHERE u.id = who.id;
  IF seat.banned THEN failure := 'Banned'; RETURN; END IF;
  IF line.demand_id IS NULL OR NOT (seat.is_admin OR who.id = ANY (line.seats)) THEN
    -- Linked to another user while this waited: whoever asks again is that one.
    IF seat.merged_into IS NOT NULL THEN
      failure := 'Busy'; body := '{"retry_after": 0.1}'; RETURN;
    END IF;
    failure := CASE WHEN line.demand_id IS NOT NULL AND may_see_v1(who.id, dem) THEN 'Forbidden' ELSE 'NotFound' END;
    RETURN;
  END IF;
  IF seat.role IS NULL AND NOT EXISTS (SELECT FROM demands d WHERE d.id = dem AND d.status <> 'draft') THEN
    failure := 'NotFound'; RETURN;
  END IF;
  IF NOT line.open THEN
    SELECT CASE d.status WHEN 'draft' THEN 'WrongStatus' ELSE 'AlreadyClosed' END, '{"status_now": "draft"}' INTO failure, body
    FROM demands d WHERE d.id = dem;
    RETURN;
  END IF;
  IF answered IS NOT NULL
    AND NOT EXISTS (SELECT FROM messages m WHERE m.id = answered AND m.demand_id = dem AND m.kind <> 'note') THEN
    failure := 'NotFound'; RETURN;
  END IF;
  IF seat.role IS NULL THEN
    -- Nobody bans or demotes them before this is committed; who is just doing so is waited for from the start.
    PERFORM FROM users u WHERE u.id = who.id AND u.is_admin AND u.banned_at IS NULL FOR SHARE NOWAIT;
    IF NOT FOUND THEN failure := 'Busy'; body := '{"retry_after": 0.1}'; RETURN; END IF;
    SELECT j.role, j.alias INTO seat FROM admin_joins_v1(dem, who.id, trace) j;
  END IF;

  UPDATE conversations c SET last_seq = c.last_seq + 1, revision = c.revision + 1, last_message_at = now(),
    first_response_at = CASE WHEN seat.role = 'provider' THEN coalesce(c.first_response_at, now()) ELSE c.first_response_at END
  WHERE c.demand_id = dem RETURNING c.* INTO line;
  INSERT INTO messages (demand_id, seq, kind, author_id, author_role, alias, text, entities, reply_to, revision, location, venue, contact)
  VALUES (dem, line.last_seq, 'message', who.id, seat.role, seat.alias, words, styles, answered, line.revision,
    extras -> 'location', extras -> 'venue', extras -> 'contact') RETURNING * INTO said;
  IF extras IS NOT NULL THEN
    INSERT INTO attachments (message_id, position, channel, kind, file_id, unique_id, name, mime, size, width, height, duration)
    SELECT said.id, row_number() OVER (), CASE actor_channel WHEN 'user' THEN 'web' ELSE actor_channel END, a.*
    FROM ROWS FROM (jsonb_to_recordset(extras -> 'attachments') AS (kind text, file_id text, unique_id text, name text,
      mime text, size bigint, width integer, height integer, duration integer)) AS a;
    IF said.contact IS NOT NULL THEN
      INSERT INTO audit (actor, operation, subject_id, detail, traceparent)
      VALUES (who.id::text, 'messages.send', dem, jsonb_build_object('shared', 'contact', 'message', said.id), trace);
    END IF;
  END IF;
  IF origin_address IS NOT NULL THEN
    INSERT INTO message_origins (message_id, destination_id, channel_message_id)
    SELECT said.id, t.id, origin_message FROM destinations t WHERE t.channel = actor_channel AND t.address = origin_address;
  END IF;
  recipients := owe_v1(array_remove(line.seats, who.id), dem, said.id, NULL, '{}', trace);
  IF recipients < cardinality(line.seats) - 1 THEN PERFORM unreached_v1(said, trace); END IF;
  IF line.topic IS NOT NULL AND is_mirrored_v1(said) THEN
    PERFORM owe_topic_v1(line.topic, dem, said.id, NULL, trace, origin_address);
  END IF;
  PERFORM fact_v1('message', said.id, 'sent', jsonb_build_object('demand', dem, 'message', said.id, 'seq', said.seq), trace);
  body := json_build_object('id', said.id, 'seq', said.seq, 'at', said.created_at, 'recipients', recipients)::text;
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'messages.send', call_key, call_hash, body);
END $$;

-- Where the requester or the provider has chats and none of them can be reached, no attempt will ever be refused: the author
-- hears of it at once, as of any message that does not arrive. Who reads by the web alone has no chat and is not missed.
CREATE FUNCTION unreached_v1(said messages, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM owe_v1(ARRAY[said.author_id], said.demand_id, NULL, 'message_refused', jsonb_build_object('role', p.role, 'later', true),
    trace, said.id)
  FROM (SELECT d.recipient_id FROM deliveries d
    WHERE d.message_id = said.id AND d.kind = 'send' AND d.supersedes IS NULL
    GROUP BY d.recipient_id HAVING bool_and(d.status = 'refused')) missed
  JOIN participants p ON p.demand_id = said.demand_id AND p.user_id = missed.recipient_id AND p.left_at IS NULL
  WHERE p.role IN ('requester', 'provider') ORDER BY p.role LIMIT 1;
END $$;

-- An admin who writes in a demand sits in it from then on, seen by the others as any moderator.
CREATE OR REPLACE FUNCTION admin_joins_v1(dem uuid, who uuid, trace text) RETURNS participants LANGUAGE plpgsql AS $$
DECLARE seat participants;
BEGIN
  seat := seat_v1(dem, who, 'moderator');
  PERFORM notice_v1(dem, 'moderator_joined', who, '{}', trace);
  PERFORM owe_v1(ARRAY[who], dem, NULL, 'you_joined', jsonb_build_object('title', d.title, 'description', d.description), trace)
  FROM demands d WHERE d.id = dem;
  PERFORM owe_history_v1(who, dem, trace);
  PERFORM fact_v1('participant', dem, 'joined', jsonb_build_object('demand', dem, 'user', who, 'role', 'moderator'), trace);
  INSERT INTO audit (actor, operation, subject_id, detail, traceparent)
  VALUES (who::text, 'messages.send', dem, jsonb_build_object('joined', who), trace);
  RETURN seat;
END $$;
