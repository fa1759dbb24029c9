-- What each of these destinations is owed next, set to `sending`. One at a time per destination, oldest first: order
-- comes from here, whatever order the signals took. A destination another replica works on, or whose last delivery is
-- not settled yet, has none. `lease_seconds`: how long a begun delivery may stay unsettled before its sender counts as
-- dead; it may have arrived then, so it comes again marked as a repeat.
CREATE FUNCTION deliveries_begin_v1(wanted uuid[], lease_seconds double precision, OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE place destinations; owed deliveries; items json[] := '{}'; allowed boolean;
BEGIN
  FOR place IN SELECT t.* FROM destinations t WHERE t.id = ANY (wanted) AND t.reachable ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED LOOP
    LOOP
      SELECT d.* INTO owed FROM deliveries d
      WHERE d.destination_id = place.id AND d.status IN ('pending', 'sending') ORDER BY d.position LIMIT 1;
      EXIT WHEN NOT FOUND;
      IF owed.status = 'sending' THEN
        EXIT WHEN owed.began_at > clock_timestamp() - make_interval(secs => lease_seconds);
        owed.doubts := owed.doubts + 1;
      END IF;
      EXIT WHEN owed.not_before > clock_timestamp();
      allowed := may_receive_v1(owed);
      IF NOT allowed OR owed.doubts >= 5 THEN
        UPDATE deliveries d SET status = CASE WHEN allowed THEN 'parked' ELSE 'withdrawn' END, settled_at = now(),
          doubts = owed.doubts, reason = CASE WHEN allowed THEN 'unknown too often' ELSE 'no longer theirs' END
        WHERE d.id = owed.id;
        CONTINUE;
      END IF;
      UPDATE deliveries d SET status = 'sending', began_at = clock_timestamp(), attempts = d.attempts + 1, doubts = owed.doubts
      WHERE d.id = owed.id RETURNING d.* INTO owed;
      items := array_append(items, delivery_content_v1(owed, place));
      EXIT;
    END LOOP;
  END LOOP;
  body := json_build_object('items', array_to_json(items))::text;
END $$;

-- Whether it may still be given to its recipient: who left, declined, was removed or banned reads nothing late (I13).
CREATE FUNCTION may_receive_v1(owed deliveries) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (owed.expires_at IS NULL OR owed.expires_at > now())
    AND (owed.recipient_id IS NULL OR NOT EXISTS (SELECT FROM users u WHERE u.id = owed.recipient_id AND u.banned_at IS NOT NULL))
    AND (owed.demand_id IS NULL OR owed.recipient_id IS NULL OR coalesce(owed.notice IN ('participant_removed', 'message_refused'), false)
      OR EXISTS (SELECT FROM conversations c WHERE c.demand_id = owed.demand_id AND owed.recipient_id = ANY (c.seats)))
$$;

-- The content of a delivery as `contracts.deliveries.Delivery`, read as it is now.
CREATE FUNCTION delivery_content_v1(owed deliveries, place destinations) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object(
    'id', owed.id, 'destination', owed.destination_id, 'address', place.address, 'locale', coalesce(u.locale, 'en'),
    'kind', owed.kind, 'entry', coalesce(m.kind, 'notice'), 'notice', owed.notice,
    'data', CASE WHEN owed.notice = 'contact_shared' THEN jsonb_build_object('phone', (
        SELECT a.phone FROM users a JOIN participants p ON p.user_id = a.id AND p.demand_id = owed.demand_id
        WHERE a.id = m.author_id AND p.contact_shared_at IS NOT NULL LIMIT 1)) ELSE owed.data END,
    'demand', CASE WHEN d.id IS NOT NULL THEN json_build_object(
      'id', d.id, 'number', d.number, 'place', s.place, 'resource', s.resource, 'version', d.version,
      'is_active', d.status IN ('waiting', 'held'),
      'viewer_role', (SELECT p.role FROM participants p
        WHERE p.demand_id = d.id AND p.user_id = owed.recipient_id AND p.left_at IS NULL)) END,
    'author_role', m.author_role, 'alias', m.alias, 'text', coalesce(m.text, ''), 'entities', coalesce(m.entities, '[]'),
    'reply_to', coalesce(
      (SELECT o.channel_message_id FROM message_origins o WHERE o.message_id = coalesce(m.reply_to, owed.refers_to) AND o.destination_id = place.id),
      (SELECT part.channel_message_id FROM deliveries before JOIN delivery_parts part ON part.delivery_id = before.id
        WHERE before.message_id = coalesce(m.reply_to, owed.refers_to) AND before.destination_id = place.id ORDER BY part.part LIMIT 1)),
    'repeat', owed.doubts > 0, 'reference', upper(right(owed.id::text, 4)), 'attempt', owed.attempts,
    'owed_at', owed.created_at, 'traceparent', owed.traceparent)
  FROM (SELECT 1) one
  LEFT JOIN messages m ON m.id = owed.message_id
  LEFT JOIN demands d ON d.id = owed.demand_id
  LEFT JOIN scenarios s ON s.id = d.scenario_id
  LEFT JOIN users u ON u.id = owed.recipient_id
$$;
