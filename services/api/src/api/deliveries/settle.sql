-- What became of deliveries that were begun. Settling one twice changes nothing the second time.
CREATE OR REPLACE FUNCTION deliveries_settle_v1(results jsonb, OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE result record; owed deliveries; settled integer := 0;
BEGIN
  -- The chats first and in one order, so that nobody who settles waits for another crosswise.
  PERFORM FROM destinations t WHERE t.id = ANY (ARRAY(
    SELECT d.destination_id FROM deliveries d WHERE d.id = ANY (ARRAY(SELECT (r ->> 'delivery')::uuid FROM jsonb_array_elements(results) r))))
  ORDER BY t.id FOR NO KEY UPDATE;
  FOR result IN SELECT * FROM jsonb_to_recordset(results) AS r(delivery uuid, attempt integer, outcome text, parts jsonb, reason text,
      retry_after double precision, migrated_to text) ORDER BY r.delivery LOOP
    -- A refusal by a chat that has come back since the sending began speaks of the time before: it is tried once more.
    IF result.outcome = 'unreachable' AND EXISTS (SELECT FROM deliveries d JOIN destinations t ON t.id = d.destination_id
        WHERE d.id = result.delivery AND t.came_back_at > d.began_at) THEN
      result.outcome := 'later';
      result.retry_after := 0;
    END IF;
    -- A lease that lapsed and was begun anew may be settled by the first sender's late word: `sent` is the truth then too,
    -- also when another attempt was put back in line meanwhile; and a person may reply to whichever copy they got.
    INSERT INTO delivery_parts (delivery_id, part, destination_id, channel_message_id)
    SELECT d.id, p.n, d.destination_id, p.id
    FROM deliveries d, jsonb_array_elements_text(result.parts) WITH ORDINALITY AS p(id, n)
    WHERE d.id = result.delivery AND d.began_at IS NOT NULL
    ON CONFLICT DO NOTHING;
    UPDATE deliveries d SET
      status = CASE result.outcome WHEN 'sent' THEN 'sent' WHEN 'refused' THEN 'refused' WHEN 'unreachable' THEN 'refused' ELSE 'pending' END,
      settled_at = CASE WHEN result.outcome IN ('sent', 'refused', 'unreachable') THEN clock_timestamp() END,
      reason = CASE result.outcome WHEN 'sent' THEN NULL WHEN 'unreachable' THEN 'unreachable' ELSE nullif(result.reason, '') END,
      not_before = CASE WHEN result.outcome IN ('later', 'unknown') THEN clock_timestamp() + make_interval(secs => result.retry_after) END,
      doubts = d.doubts + (result.outcome = 'unknown')::integer
    WHERE d.id = result.delivery
      AND (d.status = 'sending' AND (d.attempts = result.attempt OR result.outcome = 'sent')
        OR result.outcome = 'sent' AND d.status = 'pending' AND d.began_at IS NOT NULL)
    RETURNING d.* INTO owed;
    CONTINUE WHEN NOT FOUND;
    settled := settled + 1;
    IF result.migrated_to IS NOT NULL THEN
      UPDATE destinations t SET address = result.migrated_to WHERE t.id = owed.destination_id AND t.identity_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM destinations o WHERE o.channel = t.channel AND o.address = result.migrated_to);
      -- A topic has its address from whoever made it, and another one after it was deleted; a group that moves is more than that.
      UPDATE destinations t SET address = result.migrated_to WHERE t.id = owed.destination_id AND t.chat_id IS NOT NULL
        AND strpos(result.migrated_to, '/') > 0
        AND NOT EXISTS (SELECT FROM destinations o WHERE o.channel = t.channel AND o.address = result.migrated_to);
      PERFORM migrate_chat_v1(chat.address, result.migrated_to, owed.traceparent)
      FROM destinations t JOIN destinations chat ON chat.id = coalesce(t.chat_id, t.id)
      WHERE t.id = owed.destination_id AND chat.identity_id IS NULL AND strpos(result.migrated_to, '/') = 0;
    END IF;
    -- What is put back in line for a chat that has gone away meanwhile would wait unseen.
    IF result.outcome = 'unreachable' OR owed.status = 'pending'
      AND NOT (SELECT t.reachable FROM destinations t WHERE t.id = owed.destination_id) THEN
      PERFORM destination_unreachable_v1(owed.destination_id);
    END IF;
    IF owed.status = 'refused' THEN
      PERFORM delivery_refused_v1(owed);
    END IF;
  END LOOP;
  body := json_build_object('count', settled)::text;
END $$;

-- Tell the author, once for each of their messages, that it does not arrive; neutrally, without saying why. Not while it
-- arrived, or still may, in another chat of the same person.
CREATE OR REPLACE FUNCTION delivery_refused_v1(owed deliveries) RETURNS void LANGUAGE plpgsql AS $$
DECLARE author uuid; role_of_recipient text;
BEGIN
  PERFORM fact_v1('delivery', owed.id, 'refused', jsonb_build_object('delivery', owed.id), owed.traceparent);
  -- What a group does not get is nobody's message that did not arrive.
  IF owed.recipient_id IS NULL THEN RETURN; END IF;
  IF owed.kind = 'delete' AND owed.deletes IS NULL AND owed.reason = 'cannot_delete' THEN
    -- The words stay where they are; who has them is told at least that they are not meant any more.
    PERFORM owe_v1(ARRAY[owed.recipient_id], owed.demand_id, NULL, 'taken_back', '{}', owed.traceparent, owed.message_id);
  END IF;
  IF owed.kind <> 'send' THEN RETURN; END IF;
  SELECT m.author_id INTO author FROM messages m WHERE m.id = owed.message_id AND m.kind = 'message';
  IF author IS NULL THEN RETURN; END IF;
  -- Held as they are: of two chats that refuse it in one instant, one has to see that it was the last.
  PERFORM FROM deliveries d WHERE d.status IN ('pending', 'sending', 'sent') AND d.id IN (
    SELECT l.id FROM identities i JOIN destinations t ON t.identity_id = i.id AND t.id <> owed.destination_id
    CROSS JOIN LATERAL last_delivery_v1(owed.message_id, t.id) l WHERE i.user_id = owed.recipient_id) FOR SHARE;
  IF FOUND THEN RETURN; END IF;
  SELECT p.role INTO role_of_recipient FROM participants p
  WHERE p.demand_id = owed.demand_id AND p.user_id = owed.recipient_id ORDER BY p.joined_at DESC LIMIT 1;
  PERFORM owe_v1(ARRAY[author], owed.demand_id, NULL, 'message_refused', jsonb_build_object('role', role_of_recipient,
    'later', coalesce(owed.reason = 'unreachable', false)), owed.traceparent, owed.message_id);
END $$;

-- A chat that cannot be written to: all it is owed is refused now, and sent anew when it can be reached again.
CREATE OR REPLACE FUNCTION destination_unreachable_v1(place uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE owed deliveries;
BEGIN
  PERFORM hold_chat_v1(place);
  UPDATE destinations t SET reachable = false WHERE t.id = place;
  FOR owed IN UPDATE deliveries d SET status = 'refused', settled_at = clock_timestamp(), reason = 'unreachable'
    WHERE d.destination_id = place AND d.status = 'pending' RETURNING d.* LOOP
    PERFORM delivery_refused_v1(owed);
  END LOOP;
END $$;

-- What was on its way to a chat when it went away, by a sender that died since, is nobody's to settle. Whether it arrived is
-- not known: refused as all else there, it comes marked as a repeat if the chat comes back. Waits for no chat that is held; how many.
CREATE FUNCTION lapsed_unreachable_v1(lease_seconds double precision) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE place uuid; owed deliveries; ended integer := 0;
BEGIN
  FOR place IN SELECT t.id FROM destinations t WHERE NOT t.reachable AND t.id IN (
      SELECT d.destination_id FROM deliveries d
      WHERE d.status = 'sending' AND d.began_at <= clock_timestamp() - make_interval(secs => lease_seconds))
    ORDER BY t.id LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    FOR owed IN UPDATE deliveries d SET status = 'refused', settled_at = clock_timestamp(), reason = 'unreachable', doubts = d.doubts + 1
      WHERE d.destination_id = place AND d.status = 'sending' AND d.began_at <= clock_timestamp() - make_interval(secs => lease_seconds)
      RETURNING d.* LOOP
      ended := ended + 1;
      PERFORM delivery_refused_v1(owed);
    END LOOP;
  END LOOP;
  RETURN ended;
END $$;

-- A chat that can be written to again: what live demands still owe it comes as new deliveries in the old order, and so does
-- whatever is to disappear from it, live or not, and what its person was to be told of no demand they sit in, if that is still
-- of use: no word of a ban, which may be over, and no report that was decided or is not theirs to decide any more.
CREATE OR REPLACE FUNCTION destination_reachable_v1(place uuid, trace text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE again integer;
BEGIN
  PERFORM hold_chat_v1(place);
  UPDATE destinations t SET came_back_at = clock_timestamp() WHERE t.id = place;
  UPDATE destinations t SET reachable = true WHERE t.id = place AND NOT t.reachable;
  IF NOT FOUND THEN RETURN 0; END IF;
  WITH owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, refers_to, kind, notice, data, deletes, supersedes, doubts, expires_at, traceparent)
    SELECT d.destination_id, d.recipient_id, d.demand_id, d.message_id, d.refers_to, d.kind, d.notice, d.data, d.deletes, d.id,
      least(d.doubts, 1), d.expires_at, trace
    FROM deliveries d LEFT JOIN demands dem ON dem.id = d.demand_id
    WHERE d.destination_id = place AND d.status = 'refused' AND d.reason = 'unreachable'
      AND (dem.status IN ('waiting', 'held') OR d.kind = 'card' AND d.demand_id IS NOT NULL OR d.kind = 'delete'
        OR d.demand_id IS NULL AND d.created_at > now() - interval '7 d' AND d.notice NOT IN ('banned', 'unbanned')
          AND (d.notice <> 'report_made' OR EXISTS (SELECT FROM reports r WHERE r.id = (d.data ->> 'report')::uuid
            AND r.status = 'open' AND is_staff_of_v1(d.recipient_id, r.demand_id))))
      AND NOT EXISTS (SELECT FROM deliveries later WHERE later.supersedes = d.id) AND may_receive_v1(d)
    ORDER BY d.position
    RETURNING 1)
  SELECT count(*) INTO again FROM owed;
  IF again > 0 THEN
    INSERT INTO outbox (subject, body, traceparent)
    VALUES ('notify.v1.telegram.' || place, jsonb_build_object('destination', place), trace);
  END IF;
  RETURN again;
END $$;
