-- The demand that waits longest for this person, and a seat in it. A function takes a fresh snapshot for each
-- statement after its locks, so rights and twins are read as they are, not as they were before the wait.
CREATE OR REPLACE FUNCTION demands_next_v1(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  instead_of uuid, OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; swapped demands; dem demands; better demands; head record; waits boolean := false; tries integer;
BEGIN
  SELECT u.* INTO who FROM users u WHERE u.id = CASE WHEN actor_channel = 'user' THEN actor_ref::uuid
    ELSE (SELECT i.user_id FROM identities i WHERE i.channel = actor_channel AND i.external_id = actor_ref) END;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.next' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  IF who.restricted_until > now() THEN failure := 'Forbidden'; RETURN; END IF;
  IF instead_of IS NULL AND who.held >= who.capacity THEN
    failure := 'AtCapacity'; body := demands_held_v1(who.id); RETURN;
  END IF;
  -- A poll that finds nothing takes no lock and writes nothing.
  IF NOT EXISTS (
    SELECT FROM memberships m JOIN scenarios s ON s.id = m.scenario_id AND s.retired_at IS NULL
    WHERE m.user_id = who.id AND m.kind = 'provider' AND m.state = 'live'
      AND (m.paused_until IS NULL OR m.paused_until <= now())
      AND EXISTS (SELECT FROM demands d WHERE d.status = 'waiting' AND d.scenario_id = m.scenario_id)) THEN
    -- Perhaps because a twin of this very call has just taken the last one.
    SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
    WHERE k.actor = who.id::text AND k.operation = 'demands.next' AND k.key = call_key;
    IF FOUND THEN RETURN; END IF;
    body := demands_nothing_v1(who.id); RETURN;
  END IF;

  SELECT u.* INTO who FROM users u WHERE u.id = who.id FOR NO KEY UPDATE;
  IF who.merged_into IS NOT NULL THEN failure := 'Busy'; body := '{"retry_after": 0.1}'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.next' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  IF who.restricted_until > now() THEN failure := 'Forbidden'; RETURN; END IF;
  IF instead_of IS NOT NULL THEN
    SELECT d.* INTO swapped FROM demands d WHERE d.id = instead_of AND d.provider_id = who.id;
    IF NOT FOUND THEN failure := 'NotFound'; RETURN; END IF;
  END IF;
  IF who.held - (instead_of IS NOT NULL)::integer >= who.capacity THEN
    failure := 'AtCapacity'; body := demands_held_v1(who.id); RETURN;
  END IF;

  FOR tries IN 1..3 LOOP
    waits := false;
    FOR head IN
      SELECT m.scenario_id, w.rank, w.submitted_at, w.id
      FROM memberships m JOIN scenarios s ON s.id = m.scenario_id AND s.retired_at IS NULL
      CROSS JOIN LATERAL (
        SELECT d.rank, d.submitted_at, d.id FROM demands d
        WHERE d.status = 'waiting' AND d.scenario_id = m.scenario_id AND d.requester_id <> who.id
          AND d.id NOT IN (SELECT p.demand_id FROM participants p WHERE p.user_id = who.id AND p.skips)
        ORDER BY d.rank, d.submitted_at, d.id LIMIT 1) w
      WHERE m.user_id = who.id AND m.kind = 'provider' AND m.state = 'live'
        AND (m.paused_until IS NULL OR m.paused_until <= now())
      ORDER BY w.rank, w.submitted_at, w.id
    LOOP
      waits := true;
      EXIT WHEN (dem.rank, dem.submitted_at, dem.id) <= (head.rank, head.submitted_at, head.id);
      SELECT d.* INTO better FROM demands d
      WHERE d.status = 'waiting' AND d.scenario_id = head.scenario_id
        AND (d.rank, d.submitted_at, d.id) >= (head.rank, head.submitted_at, head.id)
        AND (d.rank, d.submitted_at, d.id) < (coalesce(dem.rank, 32767), coalesce(dem.submitted_at, 'infinity'),
          coalesce(dem.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')) AND d.requester_id <> who.id
        AND d.id NOT IN (SELECT p.demand_id FROM participants p WHERE p.user_id = who.id AND p.skips)
      ORDER BY d.rank, d.submitted_at, d.id LIMIT 1 FOR NO KEY UPDATE OF d SKIP LOCKED;
      CONTINUE WHEN NOT FOUND;
      -- Where somebody else has the head of this queue, the head of another may come before what is free here.
      dem := better;
      EXIT WHEN dem.id = head.id;
    END LOOP;
    EXIT WHEN dem.id IS NULL AND NOT waits;
    IF dem.id IS NOT NULL THEN
      -- Shared with others, in conflict with retiring it at this moment, which would tell of the demand as still waiting.
      PERFORM FROM scenarios s WHERE s.id = dem.scenario_id AND s.retired_at IS NULL FOR SHARE;
      EXIT WHEN FOUND;
      dem := NULL;
      CONTINUE;
    END IF;
    PERFORM pg_sleep(0.01); -- every free row is being taken by somebody else right now
  END LOOP;
  IF dem.id IS NULL THEN
    IF waits THEN failure := 'Busy'; body := '{"retry_after": 0.1}';
    ELSE body := demands_nothing_v1(who.id);
    END IF;
    RETURN;
  END IF;
  IF instead_of IS NOT NULL THEN
    SELECT d.* INTO swapped FROM demands d WHERE d.id = instead_of FOR NO KEY UPDATE;
    PERFORM unseat_provider_v1(swapped, true, trace);
  END IF;
  body := seat_provider_v1(dem, who.id, trace);
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'demands.next', call_key, call_hash, body);
END $$;

-- Why there is nothing: nothing waits, everything paused, or no provider anywhere.
CREATE OR REPLACE FUNCTION demands_nothing_v1(who uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN count(*) = 0 THEN '{"type": "NotAProvider"}'
    WHEN bool_and(coalesce(m.paused_until > now(), false)) THEN json_build_object('type', 'Paused', 'until', min(m.paused_until))::text
    ELSE '{"type": "NothingWaiting"}' END
  FROM memberships m JOIN scenarios s ON s.id = m.scenario_id AND s.retired_at IS NULL
  WHERE m.user_id = who AND m.kind = 'provider' AND m.state = 'live'
$$;

-- The short numbers of what somebody holds, as the data of `AtCapacity`.
CREATE OR REPLACE FUNCTION demands_held_v1(who uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('held', coalesce(json_agg(d.number ORDER BY d.held_at, d.id), '[]'))::text
  FROM demands d WHERE d.provider_id = who
$$;
