-- A conversation mirrored into a topic of a staff chat, for the whole group to read: an admin's setting. A topic is made by the
-- channel when it is first written to; until then its address says that there is none.

-- Whether a demand of this scenario is mirrored in this topic: as long as its group is the scenario's, and wants topics.
CREATE FUNCTION topic_stands_v1(place uuid, scenario uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM destinations t JOIN staff_chats c ON c.destination_id = t.chat_id AND c.scenario_id = scenario AND c.topics
    WHERE t.id = place)
$$;

-- Begin to mirror a demand that goes on, with its own words and everything said so far; anew where it has moved to another
-- group's scenario, or its scenario to another group: what stands in the old topic stays there. Expects the demand locked.
CREATE FUNCTION open_topic_v1(dem uuid, scenario uuid, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE chat destinations; place uuid := uuidv7(); before uuid;
BEGIN
  SELECT t.* INTO chat FROM staff_chats c JOIN destinations t ON t.id = c.destination_id
  WHERE c.scenario_id = scenario AND c.topics ORDER BY c.bound_at, t.id LIMIT 1;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM demands d
    WHERE d.id = dem AND d.status IN ('waiting', 'held') AND d.scenario_id = scenario) THEN RETURN; END IF;
  SELECT c.topic INTO before FROM conversations c WHERE c.demand_id = dem FOR NO KEY UPDATE;
  IF NOT FOUND OR topic_stands_v1(before, scenario) THEN RETURN; END IF;
  INSERT INTO destinations (id, channel, address, chat_id, reachable)
  VALUES (place, 'telegram', chat.address || '/new:' || place, chat.id, chat.reachable);
  UPDATE conversations c SET topic = place WHERE c.demand_id = dem;
  PERFORM owe_topic_v1(place, dem, NULL, 'topic_opened', trace);
  PERFORM owe_topic_v1(place, dem, m.id, m.notice, trace) FROM (
    SELECT l.id, l.notice FROM messages l WHERE l.demand_id = dem AND is_mirrored_v1(l) ORDER BY l.seq) m;
END $$;

-- What a whole group may read of a conversation: what was written and what the system said. No phone and no place of anybody's:
-- those are shown to the one they are for.
CREATE FUNCTION is_mirrored_v1(m messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT m.kind IN ('message', 'notice') AND m.taken_back_at IS NULL AND m.notice IS DISTINCT FROM 'contact_shared'
    AND m.contact IS NULL AND m.location IS NULL AND m.venue IS NULL
$$;

-- A line, or a notice, owed to a topic; not to the one it was `written_in`.
CREATE FUNCTION owe_topic_v1(place uuid, dem uuid, message uuid, what text, trace text, written_in text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH owed AS (
    INSERT INTO deliveries (destination_id, demand_id, message_id, notice, data, status, settled_at, reason, traceparent)
    SELECT t.id, dem, message, what, coalesce((SELECT m.data FROM messages m WHERE m.id = message), '{}'),
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM destinations t WHERE t.id = place AND t.address IS DISTINCT FROM written_in FOR KEY SHARE OF t
    RETURNING destination_id, status)
  INSERT INTO outbox (subject, body, traceparent)
  SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
  FROM owed WHERE status = 'pending';
END $$;

-- An edit or a removal, owed to the topic that shows the line.
CREATE FUNCTION owe_topic_change_v1(line messages, change text, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH owed AS (
    INSERT INTO deliveries (destination_id, demand_id, message_id, kind, status, settled_at, reason, traceparent)
    SELECT t.id, line.demand_id, line.id, change,
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM conversations c JOIN destinations t ON t.id = c.topic
    JOIN LATERAL last_delivery_v1(line.id, t.id) AS before ON before.status IN ('pending', 'sending', 'sent')
    WHERE c.demand_id = line.demand_id FOR KEY SHARE OF t
    RETURNING destination_id, status)
  INSERT INTO outbox (subject, body, traceparent)
  SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
  FROM owed WHERE status = 'pending';
END $$;
