-- What each of these destinations is owed next, set to `sending`. One at a time per destination, oldest first: order
-- comes from here, whatever order the signals took. A destination another replica works on, or whose last delivery is
-- not settled yet, has none. `lease_seconds`: how long a begun delivery may stay unsettled before its sender counts as
-- dead; it may have arrived then, so it comes again marked as a repeat. Until then only its holder gets it again, who can
-- have asked only because the answer was lost: the same attempt, and no repeat. An answer has to fit into one message of the
-- broker: once it is so full that the largest delivery just fits, the rest stays pending and is rung for again.
CREATE OR REPLACE FUNCTION deliveries_begin_v2(wanted uuid[], asker text, lease_seconds double precision,
  OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE place destinations; owed deliveries; item json; items json[] := '{}'; size integer := 0; why text; again boolean;
BEGIN
  FOR place IN SELECT t.* FROM destinations t WHERE t.id = ANY (wanted) AND t.reachable ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED LOOP
    EXIT WHEN size > 700000;
    LOOP
      SELECT d.* INTO owed FROM deliveries d
      WHERE d.destination_id = place.id AND d.status IN ('pending', 'sending') ORDER BY d.position LIMIT 1;
      EXIT WHEN NOT FOUND;
      again := false;
      IF owed.status = 'sending' THEN
        again := owed.began_at > clock_timestamp() - make_interval(secs => lease_seconds);
        EXIT WHEN again AND (asker = '' OR owed.holder IS DISTINCT FROM asker);
        owed.doubts := owed.doubts + (NOT again)::integer;
      END IF;
      EXIT WHEN owed.not_before > clock_timestamp();
      why := CASE WHEN NOT may_receive_v1(owed) THEN 'no longer theirs' WHEN owed.message_id IS NOT NULL THEN obsolete_v1(owed)
        WHEN owed.kind = 'card' AND owed.recipient_id IS NULL THEN card_obsolete_v1(owed) END;
      IF why IS NOT NULL OR owed.doubts >= 5 THEN
        UPDATE deliveries d SET status = CASE WHEN why IS NULL THEN 'parked' ELSE 'withdrawn' END, settled_at = now(),
          doubts = owed.doubts, reason = coalesce(why, 'unknown too often')
        WHERE d.id = owed.id;
        CONTINUE;
      END IF;
      -- The version first, the words after it: what is shown is never older than what is noted as shown.
      UPDATE deliveries d SET status = 'sending', began_at = clock_timestamp(), attempts = d.attempts + (NOT again)::integer,
        doubts = owed.doubts, holder = nullif(asker, ''), shown_version = (SELECT m.version FROM messages m WHERE m.id = d.message_id)
      WHERE d.id = owed.id RETURNING d.* INTO owed;
      item := delivery_content_v1(owed, place);
      items := array_append(items, item);
      size := size + pg_column_size(item);
      EXIT;
    END LOOP;
  END LOOP;
  body := json_build_object('items', array_to_json(items))::text;
END $$;

-- Whether it may still be given to its recipient: who left, declined, was removed or banned reads nothing late (I13).
-- Somebody banned still hears that they are; and what is to disappear from a chat may, whoever sits there now. What has no
-- recipient is a group's.
CREATE OR REPLACE FUNCTION may_receive_v1(owed deliveries) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (owed.expires_at IS NULL OR owed.expires_at > now())
    AND (owed.recipient_id IS NOT NULL OR group_may_receive_v1(owed))
    AND (owed.recipient_id IS NULL OR coalesce(owed.notice = 'banned', false)
      OR NOT EXISTS (SELECT FROM users u WHERE u.id = owed.recipient_id AND u.banned_at IS NOT NULL))
    AND (owed.demand_id IS NULL OR owed.recipient_id IS NULL OR owed.kind = 'delete'
      OR coalesce(owed.notice IN ('participant_removed', 'message_refused'), false)
      OR coalesce(owed.notice = 'offered', false) AND may_be_offered_v1(owed)
      OR EXISTS (SELECT FROM conversations c WHERE c.demand_id = owed.demand_id AND owed.recipient_id = ANY (c.seats)))
$$;

-- The content of a delivery as `contracts.deliveries.Delivery`, read as it is now.
CREATE OR REPLACE FUNCTION delivery_content_v1(owed deliveries, place destinations) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', owed.id, 'destination', owed.destination_id, 'address', place.address, 'locale', coalesce(u.locale, CASE WHEN owed.recipient_id IS NULL THEN group_locale_v1(owed.demand_id, owed.destination_id) END, 'en'),
    'kind', owed.kind, 'entry', coalesce(m.kind, 'notice'), 'notice', owed.notice,
    'data', CASE WHEN owed.notice = 'contact_shared' THEN jsonb_build_object('phone', (
        SELECT p.shared_phone FROM participants p WHERE p.demand_id = owed.demand_id AND p.user_id = m.author_id
          AND p.contact_shared_at IS NOT NULL ORDER BY p.joined_at DESC, p.id DESC LIMIT 1))
      WHEN owed.notice = 'offered' THEN offered_v1(owed.demand_id, owed.recipient_id)
      WHEN owed.notice IN ('you_took_it', 'nudged') THEN owed.data || who_meets_v1(owed.demand_id, owed.recipient_id)
      WHEN owed.notice = 'report_made' THEN owed.data || reported_v1(owed)
      WHEN owed.notice = 'topic_opened' THEN jsonb_build_object('title', d.title, 'description', d.description)
      WHEN owed.kind = 'card' AND owed.recipient_id IS NULL THEN card_v1(owed.demand_id, owed.destination_id)::jsonb
      ELSE owed.data END,
    'demand', CASE WHEN d.id IS NOT NULL THEN json_build_object(
      'id', d.id, 'number', d.number, 'place', s.place, 'resource', s.resource, 'version', d.version,
      'is_active', d.status IN ('waiting', 'held'),
      'viewer_role', (SELECT p.role FROM participants p
        WHERE p.demand_id = d.id AND p.user_id = owed.recipient_id AND p.left_at IS NULL), 'status', d.status,
      -- Longer is no number.
      'emergency', CASE WHEN length(s.payload ->> 'emergency_number') <= 40 THEN s.payload ->> 'emergency_number' END) END,
    'author_role', m.author_role, 'alias', m.alias, 'text', coalesce(m.text, ''), 'entities', coalesce(m.entities, '[]'),
    -- Through the index of a message's deliveries: a condition on the table alone reads all of it for each delivery begun.
    'reply_to', CASE WHEN coalesce(m.reply_to, owed.refers_to) IS NOT NULL THEN (
      SELECT p.channel_message_id FROM parts_of_v1(coalesce(m.reply_to, owed.refers_to), place.id) p
      ORDER BY p.part, p.channel_message_id LIMIT 1) END,
    'repeat', owed.doubts > 0, 'reference', upper(right(owed.id::text, 4)), 'attempt', owed.attempts,
    'owed_at', owed.created_at, 'traceparent', owed.traceparent, 'audience', m.audience,
    'targets', CASE WHEN owed.kind = 'send' THEN '[]' ELSE (
      SELECT coalesce(json_agg(json_build_object('part', p.part, 'channel_message_id', p.channel_message_id)
        ORDER BY p.part, p.channel_message_id), '[]') FROM targets_of_v1(owed) p) END,
    'emoji', CASE WHEN owed.kind = 'react' THEN (
      SELECT r.emoji FROM message_reactions r WHERE r.message_id = owed.message_id AND r.user_id <> owed.recipient_id
      ORDER BY r.at DESC, r.user_id LIMIT 1) END,
    'attachments', CASE WHEN m.kind = 'message' AND m.taken_back_at IS NULL THEN sent_attachments_v1(m.id) ELSE '[]' END,
    'location', m.location, 'venue', m.venue, 'contact', m.contact)
  FROM (SELECT 1) one
  LEFT JOIN messages m ON m.id = owed.message_id
  LEFT JOIN demands d ON d.id = owed.demand_id
  LEFT JOIN scenarios s ON s.id = d.scenario_id
  LEFT JOIN users u ON u.id = owed.recipient_id
$$;

-- How the provider will know the requester, and be known: the aliases, and the language to say the first words in.
CREATE OR REPLACE FUNCTION who_meets_v1(dem uuid, who uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('language', u.locale,
    'requester_alias', (SELECT p.alias FROM participants p WHERE p.demand_id = d.id AND p.role = 'requester' AND p.left_at IS NULL),
    'phone', (SELECT p.shared_phone FROM participants p
      WHERE p.demand_id = d.id AND p.role = 'requester' AND p.left_at IS NULL),
    'own_alias', (SELECT p.alias FROM participants p WHERE p.demand_id = d.id AND p.user_id = who AND p.left_at IS NULL))
  FROM demands d JOIN users u ON u.id = d.requester_id WHERE d.id = dem
$$;

-- What the reporter wrote, for whoever may still look at reports of the demand when it is sent.
CREATE FUNCTION reported_v1(owed deliveries) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('reason', coalesce((SELECT r.reason FROM reports r
    WHERE r.id = (owed.data ->> 'report')::uuid AND is_staff_of_v1(owed.recipient_id, r.demand_id)), ''))
$$;

-- A message's files as `contracts.attachments.SentAttachment`.
CREATE OR REPLACE FUNCTION sent_attachments_v1(message uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_object('kind', a.kind, 'channel', a.channel, 'file_id', a.file_id, 'name', a.name,
    'mime', a.mime, 'size', a.size, 'width', a.width, 'height', a.height, 'duration', a.duration) ORDER BY a.position), '[]')
  FROM attachments a WHERE a.message_id = message
$$;
