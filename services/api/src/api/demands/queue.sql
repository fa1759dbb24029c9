-- How many demands of its scenario wait before this one, counted up to a hundred.
CREATE FUNCTION demands_ahead_v1(dem demands) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM (
    SELECT FROM demands d WHERE d.status = 'waiting' AND d.scenario_id = dem.scenario_id
      AND (d.rank, d.submitted_at, d.id) < (dem.rank, dem.submitted_at, dem.id) LIMIT 100) before
$$;

-- A demand has come into the queue for the first time: its requester is told, and so is the world. Returns its place.
CREATE FUNCTION submitted_v1(dem demands, trace text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE ahead integer := demands_ahead_v1(dem);
BEGIN
  PERFORM owe_v1(ARRAY[dem.requester_id], dem.id, NULL, 'received', jsonb_build_object('ahead', ahead), trace);
  PERFORM fact_v1('demand', dem.id, 'created',
    jsonb_build_object('demand', dem.id, 'scenario', dem.scenario_id, 'by', dem.requester_id), trace);
  PERFORM owe_cards_v1(dem.id, dem.scenario_id, trace);
  RETURN ahead;
END $$;

-- Demands wait where nobody can take one any more: their requesters are told, and its moderators, whose they are now; where
-- there is none, admins.
CREATE FUNCTION left_waiting_v1(retired uuid, left_over uuid[], trace text) RETURNS void LANGUAGE sql AS $$
  WITH waiting AS (
    SELECT d.id, d.requester_id, jsonb_build_object('role', 'requester', 'number', d.number, 'count', 1,
      'place', s.place, 'resource', s.resource) AS content
    FROM demands d JOIN scenarios s ON s.id = d.scenario_id
    WHERE d.id = ANY (left_over) AND d.status = 'waiting' ORDER BY d.rank, d.submitted_at, d.id),
  moderators AS (
    SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id AND u.banned_at IS NULL
    WHERE m.scenario_id = retired AND m.kind = 'moderator' AND m.state = 'live'),
  told AS (
    SELECT user_id FROM moderators UNION
    SELECT u.id FROM users u WHERE u.is_admin AND u.banned_at IS NULL AND NOT EXISTS (SELECT FROM moderators)),
  owed AS ( -- as owe_v1 does it, for all of them at once: a queue may be thousands long
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, notice, data, status, settled_at, reason, traceparent)
    SELECT t.id, w.requester_id, w.id, 'left_waiting', w.content,
      CASE WHEN t.reachable THEN 'pending' ELSE 'refused' END,
      CASE WHEN NOT t.reachable THEN now() END,
      CASE WHEN NOT t.reachable THEN 'unreachable' END, trace
    FROM waiting w JOIN users u ON u.id = w.requester_id AND u.banned_at IS NULL
    JOIN identities i ON i.user_id = u.id JOIN destinations t ON t.identity_id = i.id
    ORDER BY t.id FOR KEY SHARE OF t
    RETURNING destination_id, status),
  signalled AS (
    INSERT INTO outbox (subject, body, traceparent)
    SELECT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace
    FROM owed WHERE status = 'pending')
  SELECT owe_v1(ARRAY(SELECT user_id FROM told), NULL, NULL, 'left_waiting',
    (SELECT w.content FROM waiting w LIMIT 1) || jsonb_build_object('role', 'moderator', 'count', (SELECT count(*) FROM waiting)), trace)
  WHERE EXISTS (SELECT FROM waiting)
$$;

-- A demand waits again: where its scenario was retired meanwhile nobody takes it from the queue, which is told of then.
-- Returns whether somebody else is being looked for.
CREATE FUNCTION back_in_queue_v1(dem demands, trace text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE retired boolean;
BEGIN
  -- Shared with others, in conflict with retiring it at this moment, which would see the demand as still held.
  SELECT s.retired_at IS NOT NULL INTO retired FROM scenarios s WHERE s.id = dem.scenario_id FOR SHARE;
  IF retired THEN PERFORM left_waiting_v1(dem.scenario_id, ARRAY[dem.id], trace); END IF;
  RETURN NOT retired;
END $$;

-- The words of three letters or more of what is asked for, out of the words it is found by, which its number is one of.
CREATE FUNCTION long_words_v1(dem demands) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY(SELECT w FROM unnest(tsvector_to_array(dem.words)) w WHERE length(w) >= 3 AND w <> lower(dem.number))
$$;

-- The open demand of the same person and scenario that is most like this one, as `contracts.demands.SimilarDemand`: at
-- least half of the shorter one's words of three letters or more are in both. NULL for none.
CREATE FUNCTION similar_demand_v1(dem demands) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE mine text[] := long_words_v1(dem); alike json;
BEGIN
  SELECT json_build_object('id', c.id, 'number', c.number) INTO alike FROM (
    SELECT o.id, o.number, o.submitted_at, (o.title, o.description) = (dem.title, dem.description) AS same,
      (SELECT count(*) FROM unnest(o.long) w WHERE w = ANY (mine)) AS shared, least(cardinality(o.long), cardinality(mine)) AS shorter
    FROM (SELECT d.*, long_words_v1(d) AS long FROM demands d
      WHERE d.requester_id = dem.requester_id AND d.scenario_id = dem.scenario_id AND d.id <> dem.id
        AND d.status IN ('draft', 'waiting', 'held') OFFSET 0) o) c
  WHERE c.same OR c.shorter > 0 AND c.shared * 2 >= c.shorter
  ORDER BY c.same DESC, c.shared DESC, c.submitted_at DESC, c.id DESC LIMIT 1;
  RETURN alike;
END $$;
