-- Changes of messages that chats may show already: what was edited, taken back, reacted to.

-- The deliveries that put a message before a destination: the first, those that superseded it, and its edits.
CREATE OR REPLACE FUNCTION showings_v1(message uuid, place uuid)
RETURNS TABLE (id uuid, status text, shown_version integer, doubts integer) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE chain AS (
    SELECT d.id, d.status, d.shown_version, d.doubts FROM deliveries d
    WHERE d.message_id = message AND d.destination_id = place AND d.kind = 'send' AND d.supersedes IS NULL
    UNION ALL
    SELECT d.id, d.status, d.shown_version, d.doubts FROM deliveries d JOIN chain c ON d.supersedes = c.id)
  SELECT c.id, c.status, c.shown_version, c.doubts FROM chain c
  UNION ALL
  SELECT d.id, d.status, d.shown_version, d.doubts FROM deliveries d
  WHERE d.message_id = message AND d.destination_id = place AND d.kind IN ('edit', 'delete', 'react') AND d.kind = 'edit'
$$;

-- The channel's messages a message became at a destination, or came from: a person reacts to both.
CREATE OR REPLACE FUNCTION parts_of_v1(message uuid, place uuid) RETURNS TABLE (part integer, channel_message_id text) LANGUAGE sql STABLE AS $$
  SELECT p.part, p.channel_message_id FROM delivery_parts p
  WHERE p.delivery_id = ANY (ARRAY(SELECT s.id FROM showings_v1(message, place) s))
  UNION
  SELECT 1, o.channel_message_id FROM message_origins o WHERE o.message_id = message AND o.destination_id = place
$$;

-- What a change acts on: every copy of the line, or where the change names one delivery, what that one became; for a staff
-- chat's card the message it is, for somebody's own what those became that it supersedes.
CREATE OR REPLACE FUNCTION targets_of_v1(owed deliveries) RETURNS TABLE (part integer, channel_message_id text) LANGUAGE sql STABLE AS $$
  SELECT p.part, p.channel_message_id FROM parts_of_v1(owed.message_id, owed.destination_id) p WHERE owed.deletes IS NULL
  UNION ALL
  SELECT p.part, p.channel_message_id FROM delivery_parts p WHERE p.delivery_id = owed.deletes
  UNION ALL
  SELECT p.part, p.channel_message_id FROM card_parts_v1(owed.demand_id, owed.destination_id) p
  WHERE owed.kind = 'card' AND owed.recipient_id IS NULL
  UNION ALL
  SELECT p.part, p.channel_message_id FROM superseded_v1(owed.supersedes) before JOIN delivery_parts p ON p.delivery_id = before
  WHERE owed.kind = 'card' AND owed.recipient_id IS NOT NULL
$$;

-- A delivery, and those it superseded.
CREATE OR REPLACE FUNCTION superseded_v1(last uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH RECURSIVE chain AS (
    SELECT d.id, d.supersedes FROM deliveries d WHERE d.id = last
    UNION ALL
    SELECT d.id, d.supersedes FROM deliveries d JOIN chain c ON d.id = c.supersedes)
  SELECT c.id FROM chain c
$$;

-- Why a delivery of a line need not be made any more; NULL when it has to be. What is sent is read as it is now, so an
-- edit that was overtaken by a later showing has nothing left to tell.
CREATE OR REPLACE FUNCTION obsolete_v1(owed deliveries) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN m.taken_back_at IS NOT NULL AND owed.kind <> 'delete' THEN 'taken back'
    WHEN owed.kind = 'send' THEN NULL
    WHEN NOT EXISTS (SELECT FROM targets_of_v1(owed)) THEN 'never sent'
    WHEN owed.kind = 'edit' AND (
      SELECT coalesce(max(s.shown_version), 0) >= m.version AND NOT bool_or(s.doubts > 0)
      FROM showings_v1(owed.message_id, owed.destination_id) s WHERE s.status = 'sent') THEN 'up to date'
    WHEN owed.kind = 'react' AND EXISTS (
      SELECT FROM deliveries d WHERE d.message_id = owed.message_id AND d.destination_id = owed.destination_id
        AND d.kind IN ('edit', 'delete', 'react') AND d.kind = 'react' AND d.status = 'pending'
        AND d.position > owed.position) THEN 'overtaken'
  END FROM messages m WHERE m.id = owed.message_id
$$;

-- A change of a line is owed to those of these people whose chats show it or are about to; a chat that cannot be reached
-- gets its delivery refused at once, as with everything owed. Whether it shows the line when its turn comes is looked at
-- again then. Who is banned is owed nothing. Returns how many people it will reach.
CREATE OR REPLACE FUNCTION owe_change_v1(line messages, what text, people uuid[], trace text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE reached integer;
BEGIN
  PERFORM hold_reachability_v1(people);
  WITH owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, kind, status, settled_at, reason, traceparent)
    SELECT t.id, i.user_id, line.demand_id, line.id, what,
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM identities i JOIN destinations t ON t.identity_id = i.id
    JOIN users u ON u.id = i.user_id AND u.banned_at IS NULL
    LEFT JOIN LATERAL last_delivery_v1(line.id, t.id) AS before ON true
    WHERE i.user_id = ANY (people) AND (before.status IN ('pending', 'sending', 'sent') OR what = 'react' AND EXISTS (
      SELECT FROM message_origins o WHERE o.message_id = line.id AND o.destination_id = t.id))
    RETURNING destination_id, recipient_id, status),
  signalled AS (
    INSERT INTO outbox (subject, body, traceparent)
    SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
    FROM owed WHERE status = 'pending')
  SELECT count(DISTINCT recipient_id) FILTER (WHERE status = 'pending') INTO reached FROM owed;
  IF what <> 'react' THEN PERFORM owe_topic_change_v1(line, what, trace); END IF;
  RETURN reached;
END $$;

-- A new delivery in place of one that was parked or refused, with its signal; a repeat where that one may have arrived. Expects
-- the chat's row locked.
CREATE OR REPLACE FUNCTION retry_delivery_v1(failed uuid, trace text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE anew deliveries;
BEGIN
  INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, refers_to, kind, notice, data, deletes, supersedes, doubts, expires_at, traceparent)
  SELECT d.destination_id, d.recipient_id, d.demand_id, d.message_id, d.refers_to, d.kind, d.notice, d.data, d.deletes, d.id,
    least(d.doubts, 1), d.expires_at, trace
  FROM deliveries d WHERE d.id = failed RETURNING * INTO anew;
  INSERT INTO outbox (subject, body, traceparent)
  VALUES ('notify.v1.telegram.' || anew.destination_id, jsonb_build_object('destination', anew.destination_id), trace);
  RETURN anew.id;
END $$;
