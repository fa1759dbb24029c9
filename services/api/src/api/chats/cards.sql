-- One card a demand in each staff chat of its scenario, edited as the demand changes. A change owes a delivery and no words:
-- what it says is read when its turn comes, so of several that wait only the last is made.

-- What happened to a demand is told to the world, and its cards and the alerts to it show it.
CREATE FUNCTION demand_fact_v1(dem uuid, happened text, content jsonb, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM fact_v1('demand', dem, happened, content, trace);
  PERFORM owe_cards_v1(dem, (content ->> 'scenario')::uuid, trace);
  PERFORM offers_changed_v1(dem, trace);
END $$;

-- Expects the demand locked. A scenario without a staff chat costs one look into an index. `only_to`: one chat alone.
CREATE FUNCTION owe_cards_v1(dem uuid, scenario uuid, trace text, only_to uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM staff_chats c WHERE c.scenario_id = scenario) THEN RETURN; END IF;
  PERFORM open_topic_v1(dem, scenario, trace);
  WITH owed AS (
    INSERT INTO deliveries (destination_id, demand_id, kind, status, settled_at, reason, traceparent)
    SELECT t.id, dem, 'card',
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM staff_chats c JOIN destinations t ON t.id = c.destination_id
    WHERE c.scenario_id = scenario AND (only_to IS NULL OR t.id = only_to)
    ORDER BY t.id FOR KEY SHARE OF t
    RETURNING destination_id, status)
  INSERT INTO outbox (subject, body, traceparent)
  SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
  FROM owed WHERE status = 'pending';
END $$;

-- The message of a chat that a demand's card is now, as parts of it.
CREATE FUNCTION card_parts_v1(dem uuid, chat uuid) RETURNS TABLE (part integer, channel_message_id text) LANGUAGE sql STABLE AS $$
  SELECT p.part::integer, p.channel_message_id FROM delivery_parts p WHERE p.delivery_id = (
    SELECT d.id FROM deliveries d
    WHERE d.demand_id = dem AND d.destination_id = chat AND d.kind = 'card' AND d.recipient_id IS NULL
      AND EXISTS (SELECT FROM delivery_parts q WHERE q.delivery_id = d.id)
    ORDER BY d.position DESC LIMIT 1)
$$;

-- Why a card need not be made: a later one says all of it, or it would be of something that is over and was never shown.
-- One that may have arrived already is made all the same, as the repeat it is.
CREATE FUNCTION card_obsolete_v1(owed deliveries) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN owed.doubts > 0 THEN NULL
    WHEN EXISTS (SELECT FROM deliveries later WHERE later.demand_id = owed.demand_id AND later.destination_id = owed.destination_id
      AND later.kind = 'card' AND later.recipient_id IS NULL AND later.status = 'pending' AND later.position > owed.position) THEN 'overtaken'
    WHEN d.status = 'closed' AND NOT EXISTS (SELECT FROM card_parts_v1(d.id, owed.destination_id)) THEN 'never sent'
  END FROM demands d WHERE d.id = owed.demand_id
$$;

-- What a card says, as `contracts.chats.Card`.
CREATE FUNCTION card_v1(dem uuid, chat uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('number', d.number, 'place', s.place, 'resource', s.resource, 'status', d.status, 'urgency', d.urgency,
    'version', d.version, 'submitted_at', d.submitted_at, 'waiting_since', d.waiting_since, 'close_reason', d.close_reason,
    'provider', (SELECT p.alias FROM participants p
      WHERE p.demand_id = d.id AND p.user_id = d.provider_id AND p.left_at IS NULL),
    'reports', (SELECT count(*) FROM reports r WHERE r.demand_id = d.id AND r.status = 'open'),
    'is_moved', NOT EXISTS (SELECT FROM staff_chats c WHERE c.destination_id = chat AND c.scenario_id = d.scenario_id))
  FROM demands d JOIN scenarios s ON s.id = d.scenario_id WHERE d.id = dem
$$;

-- Whether a group may still be given what it is owed: as long as it is a staff chat, and after that word that a card it has is
-- none any more. A topic only while the demand's own scenario is mirrored there.
CREATE FUNCTION group_may_receive_v1(owed deliveries) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN t.chat_id IS NULL THEN EXISTS (SELECT FROM staff_chats c WHERE c.destination_id = t.id)
      OR owed.kind = 'card' AND EXISTS (SELECT FROM card_parts_v1(owed.demand_id, t.id))
    ELSE EXISTS (SELECT FROM demands d WHERE d.id = owed.demand_id AND topic_stands_v1(t.id, d.scenario_id)) END
  FROM destinations t WHERE t.id = owed.destination_id
$$;

-- What a group is spoken to in.
CREATE FUNCTION group_locale_v1(dem uuid, chat uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT c.locale FROM destinations t JOIN staff_chats c ON c.destination_id = coalesce(t.chat_id, t.id) WHERE t.id = chat
  ORDER BY c.scenario_id = (SELECT d.scenario_id FROM demands d WHERE d.id = dem) DESC, c.bound_at LIMIT 1
$$;

-- A group has another address. What it was sent has no meaning there, so its cards are made anew. Where both are known,
-- because somebody has bound the new one already, all that was bound to the old one is bound to that.
CREATE FUNCTION migrate_chat_v1(old text, moved_to text, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE place uuid; there uuid; bound record;
BEGIN
  -- Somebody's own chat is no group: nothing becomes part of it, and it becomes part of nothing.
  SELECT t.id INTO place FROM destinations t WHERE t.channel = 'telegram' AND t.address = old AND t.identity_id IS NULL FOR UPDATE;
  IF NOT FOUND OR old = moved_to OR EXISTS (SELECT FROM destinations t
      WHERE t.channel = 'telegram' AND t.address = moved_to AND t.identity_id IS NOT NULL) THEN RETURN; END IF;
  SELECT t.id INTO there FROM destinations t WHERE t.channel = 'telegram' AND t.address = moved_to;
  IF there IS NULL THEN
    UPDATE destinations t SET address = moved_to WHERE t.id = place;
    there := place;
  ELSE
    INSERT INTO staff_chats (scenario_id, destination_id, title, locale, topics, group_grants_membership, bound_at)
    SELECT c.scenario_id, there, c.title, c.locale, c.topics, c.group_grants_membership, c.bound_at
    FROM staff_chats c WHERE c.destination_id = place ON CONFLICT DO NOTHING;
    DELETE FROM staff_chats c WHERE c.destination_id = place;
    PERFORM destination_unreachable_v1(place);
  END IF;
  UPDATE destinations t SET address = moved_to || '/new:' || t.id, chat_id = there WHERE t.chat_id = place;
  DELETE FROM delivery_parts p WHERE p.destination_id = place;
  FOR bound IN
    SELECT d.id, d.scenario_id FROM staff_chats c JOIN demands d ON d.scenario_id = c.scenario_id AND d.status IN ('waiting', 'held')
    WHERE c.destination_id = there ORDER BY d.submitted_at, d.id LIMIT 100
  LOOP
    PERFORM owe_cards_v1(bound.id, bound.scenario_id, trace, there);
  END LOOP;
END $$;
