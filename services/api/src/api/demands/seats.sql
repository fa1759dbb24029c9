-- Who sits in a demand, what they are told, and what they are owed. Every function here expects the caller to hold the
-- locks in the order: people, demand; it takes the conversation itself.

-- A code from about 28 million (of five) that names nobody, at most eight long; letters and digits that are not mistaken
-- for each other. Written out, because a loop over bytes costs five times as much and every call for help draws two.
CREATE OR REPLACE FUNCTION short_code_v1(length integer) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT left(substr(abc, 1 + get_byte(r, 0) % 31, 1) || substr(abc, 1 + get_byte(r, 1) % 31, 1)
    || substr(abc, 1 + get_byte(r, 2) % 31, 1) || substr(abc, 1 + get_byte(r, 3) % 31, 1)
    || substr(abc, 1 + get_byte(r, 4) % 31, 1) || substr(abc, 1 + get_byte(r, 5) % 31, 1)
    || substr(abc, 1 + get_byte(r, 9) % 31, 1) || substr(abc, 1 + get_byte(r, 10) % 31, 1), length)
  FROM (SELECT uuid_send(gen_random_uuid()) AS r, '23456789ABCDEFGHJKMNPQRSTUVWXYZ' AS abc OFFSET 0) AS drawn
$$;

-- Something is owed to these people: a delivery on each pushing channel of each, and a signal for it. A chat that
-- cannot be reached gets its delivery refused at once, so that the ledger still says what was owed. Returns how many
-- people it will reach. `about`: the message a notice speaks of; its author hears only once that it does not arrive. Who is
-- banned may still sit in what is closed, and is owed nothing but word of the ban.
--
-- Whether a chat can be reached stays as it is until the transaction ends: without that a delivery written while a chat
-- comes back would stay refused for ever, and one written while a chat goes away would wait unseen. FOR KEY SHARE is the
-- lock for it: the reference of each delivery takes it anyway, begin and settle (FOR NO KEY UPDATE) do not wait for what is
-- being said, and whoever changes reachability (FOR UPDATE, in hold_chat_v1) waits and is waited for; after a wait
-- PostgreSQL reads the row anew, so the status is what the chat is now.
CREATE OR REPLACE FUNCTION owe_v1(people uuid[], dem uuid, message uuid, kind_of_notice text, content jsonb, trace text,
  about uuid DEFAULT NULL) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE reached integer;
BEGIN
  WITH owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, refers_to, notice, data, status, settled_at, reason, traceparent)
    SELECT t.id, i.user_id, dem, message, about, kind_of_notice, content,
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM identities i JOIN destinations t ON t.identity_id = i.id JOIN users u ON u.id = i.user_id
    WHERE i.user_id = ANY (people) AND (u.banned_at IS NULL OR kind_of_notice = 'banned')
    ORDER BY t.id FOR KEY SHARE OF t
    ON CONFLICT (refers_to, destination_id) WHERE notice = 'message_refused' AND supersedes IS NULL DO NOTHING
    RETURNING destination_id, recipient_id, status),
  signalled AS (
    INSERT INTO outbox (subject, body, traceparent)
    SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
    FROM owed WHERE status = 'pending')
  SELECT count(DISTINCT recipient_id) FILTER (WHERE status = 'pending') INTO reached FROM owed;
  RETURN reached;
END $$;

-- The same for a statement that looks at deliveries as well: those must be read after the wait, so it is one of its own.
CREATE OR REPLACE FUNCTION hold_reachability_v1(people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM identities i JOIN destinations t ON t.identity_id = i.id
  WHERE i.user_id = ANY (people) ORDER BY t.id FOR KEY SHARE OF t;
END $$;

-- What changes whether a chat can be reached holds it first: all that is being written to it is committed by then and seen
-- by the next statement, and what comes later waits. An update of the flag alone would wait for nobody.
CREATE OR REPLACE FUNCTION hold_chat_v1(place uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM destinations t WHERE t.id = place FOR UPDATE;
END $$;

-- Everything written so far and not taken back, owed to somebody who has just been seated; not their own words, and nothing
-- twice: who comes back is owed only what did not reach them the first time.
CREATE OR REPLACE FUNCTION owe_history_v1(who uuid, dem uuid, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hold_reachability_v1(ARRAY[who]);
  WITH owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, supersedes, status, settled_at, reason, traceparent)
    SELECT t.id, who, dem, m.id, before.id,
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM messages m
    JOIN identities i ON i.user_id = who JOIN destinations t ON t.identity_id = i.id
    LEFT JOIN LATERAL last_delivery_v1(m.id, t.id) AS before ON true
    WHERE m.demand_id = dem AND m.kind = 'message' AND m.taken_back_at IS NULL AND m.author_id IS DISTINCT FROM who
      AND (before.id IS NULL OR before.status IN ('refused', 'parked', 'withdrawn'))
    ORDER BY m.seq
    RETURNING destination_id, status)
  INSERT INTO outbox (subject, body, traceparent)
  SELECT DISTINCT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
  FROM owed WHERE status = 'pending';
END $$;

-- The delivery that stands for a message at a destination: the last of those that superseded one another.
CREATE OR REPLACE FUNCTION last_delivery_v1(message uuid, place uuid) RETURNS TABLE (id uuid, status text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE chain AS (
    SELECT d.id, d.status, 1 AS place_in_chain FROM deliveries d
    WHERE d.message_id = message AND d.destination_id = place AND d.kind = 'send' AND d.supersedes IS NULL
    UNION ALL
    SELECT d.id, d.status, c.place_in_chain + 1 FROM deliveries d JOIN chain c ON d.supersedes = c.id)
  SELECT c.id, c.status FROM chain c ORDER BY c.place_in_chain DESC LIMIT 1
$$;

-- A notice in the conversation: a line of it, owed once to each live participant except the one who acted.
CREATE OR REPLACE FUNCTION notice_v1(dem uuid, what text, actor uuid, content jsonb, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE line conversations; said uuid := uuidv7(); seat participants;
BEGIN
  UPDATE conversations SET last_seq = last_seq + 1, revision = revision + 1 WHERE demand_id = dem RETURNING * INTO line;
  SELECT * INTO seat FROM participants WHERE demand_id = dem AND user_id = actor ORDER BY joined_at DESC, id DESC LIMIT 1;
  INSERT INTO messages (id, demand_id, seq, kind, author_id, author_role, alias, notice, data)
  VALUES (said, dem, line.last_seq, 'notice', actor, seat.role, seat.alias, what, content);
  PERFORM owe_v1(array_remove(line.seats, actor), dem, said, what, content, trace);
  IF line.topic IS NOT NULL AND what <> 'contact_shared' THEN PERFORM owe_topic_v1(line.topic, dem, said, what, trace); END IF;
END $$;

CREATE OR REPLACE FUNCTION fact_v1(noun text, id uuid, happened text, content jsonb, trace text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (subject, body, traceparent)
  VALUES ('evt.v1.' || noun || '.' || id || '.' || happened, content || jsonb_build_object('at', now()), trace)
$$;

-- Seat somebody: a live participant row, a seat in the conversation.
CREATE OR REPLACE FUNCTION seat_v1(dem uuid, who uuid, as_role text) RETURNS participants LANGUAGE plpgsql AS $$
DECLARE seat participants; code text;
BEGIN
  UPDATE conversations SET seats = array_append(array_remove(seats, who), who), revision = revision + 1 WHERE demand_id = dem;
  -- The alias the person chose, unless somebody in this demand has it.
  SELECT u.alias INTO code FROM users u WHERE u.id = who;
  WHILE code IS NULL OR EXISTS (SELECT FROM participants p WHERE p.demand_id = dem AND p.alias = code) LOOP
    code := short_code_v1(5);
  END LOOP;
  -- A moderator who sits in a demand is not offered it as a provider.
  INSERT INTO participants (demand_id, user_id, role, alias, skips) VALUES (dem, who, as_role, code, as_role = 'moderator')
  RETURNING * INTO seat;
  RETURN seat;
END $$;

CREATE OR REPLACE FUNCTION unseat_v1(dem uuid, who uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations SET seats = array_remove(seats, who), revision = revision + 1 WHERE demand_id = dem;
  UPDATE participants SET left_at = now(), skips = false WHERE demand_id = dem AND user_id = who AND left_at IS NULL;
END $$;

-- A moderator leaves these locked demands: those that go on are told one by one, the thousands that ended are not.
CREATE FUNCTION give_up_seats_v1(theirs uuid[], who uuid, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations SET seats = array_remove(seats, who), revision = revision + 1 WHERE demand_id IN (
    SELECT c.demand_id FROM conversations c WHERE c.demand_id = ANY (theirs) ORDER BY c.demand_id FOR NO KEY UPDATE);
  UPDATE participants SET left_at = now(), skips = false
  WHERE demand_id = ANY (theirs) AND user_id = who AND role = 'moderator' AND left_at IS NULL;
  PERFORM notice_v1(d.id, 'moderator_left', who, '{}', trace) FROM (
    SELECT d.id FROM demands d WHERE d.id = ANY (theirs) AND d.status IN ('waiting', 'held') ORDER BY d.id) d;
  INSERT INTO outbox (subject, body, traceparent)
  SELECT 'evt.v1.participant.' || dem || '.left',
    jsonb_build_object('demand', dem, 'user', who, 'role', 'moderator', 'at', now()), trace
  FROM unnest(theirs) dem;
END $$;

-- A demand that moved: who sits there as staff of where it was, and is none of where it is now, has left it; told so, save
-- the one who moved it.
CREATE FUNCTION leave_moved_v1(dem uuid, actor uuid, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE gone uuid;
BEGIN
  FOR gone IN SELECT p.user_id FROM participants p WHERE p.demand_id = dem AND p.role = 'moderator' AND p.left_at IS NULL
    AND NOT is_staff_of_v1(p.user_id, dem) ORDER BY p.joined_at, p.id
  LOOP
    PERFORM give_up_seats_v1(ARRAY[dem], gone, trace);
    PERFORM owe_v1(array_remove(ARRAY[gone], actor), dem, NULL, 'participant_removed', '{}', trace);
  END LOOP;
END $$;

-- Seat a provider in a waiting demand whose row and whose person are locked and checked. Returns the reply `Taken`.
CREATE OR REPLACE FUNCTION seat_provider_v1(dem demands, who uuid, trace text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seat participants; last integer; place_name text; resource_name text;
BEGIN
  UPDATE demands d SET status = 'held', provider_id = who, held_at = now(), version = d.version + 1
  WHERE d.id = dem.id RETURNING d.* INTO dem;
  seat := seat_v1(dem.id, who, 'provider');
  PERFORM notice_v1(dem.id, 'provider_joined', who, '{}', trace);
  SELECT c.last_seq INTO last FROM conversations c WHERE c.demand_id = dem.id;
  PERFORM owe_v1(ARRAY[who], dem.id, NULL, 'you_took_it',
    jsonb_build_object('title', dem.title, 'description', dem.description), trace);
  PERFORM owe_history_v1(who, dem.id, trace);
  PERFORM demand_fact_v1(dem.id, 'taken', jsonb_build_object('demand', dem.id, 'scenario', dem.scenario_id, 'by', who), trace);
  SELECT s.place, s.resource INTO place_name, resource_name FROM scenarios s WHERE s.id = dem.scenario_id;
  RETURN json_build_object('type', 'Taken', 'id', dem.id, 'number', dem.number, 'scenario', dem.scenario_id,
    'place', place_name, 'resource', resource_name, 'title', dem.title, 'description', dem.description,
    'payload', dem.payload, 'urgency', dem.urgency, 'version', dem.version, 'submitted_at', dem.submitted_at,
    'last_seq', last)::text;
END $$;

-- Take the provider out of a held demand and put it back where it stood in the queue. `declines`: for good.
CREATE OR REPLACE FUNCTION unseat_provider_v1(dem demands, declines boolean, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE who uuid := dem.provider_id;
BEGIN
  UPDATE demands d SET status = 'waiting', provider_id = NULL, held_at = NULL, version = d.version + 1
  WHERE d.id = dem.id;
  PERFORM unseat_v1(dem.id, who);
  IF declines THEN
    UPDATE participants SET declined_at = now(), skips = true
    WHERE id = (SELECT p.id FROM participants p WHERE p.demand_id = dem.id AND p.user_id = who ORDER BY p.joined_at DESC, p.id DESC LIMIT 1);
  END IF;
  PERFORM notice_v1(dem.id, 'looking_for_another', who, '{}', trace);
  PERFORM demand_fact_v1(dem.id, 'declined', jsonb_build_object('demand', dem.id, 'scenario', dem.scenario_id, 'by', who), trace);
  PERFORM back_in_queue_v1(dem, trace);
END $$;
