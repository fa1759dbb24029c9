-- A seat in this very demand. Who may not know of it gets the same answer as for one that does not exist.
CREATE OR REPLACE FUNCTION demands_take_v1(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  wanted uuid, OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; dem demands;
BEGIN
  SELECT u.* INTO who FROM users u WHERE u.id = CASE WHEN actor_channel = 'user' THEN actor_ref::uuid
    ELSE (SELECT i.user_id FROM identities i WHERE i.channel = actor_channel AND i.external_id = actor_ref) END;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.take' AND k.key = call_key AND who.banned_at IS NULL;
  IF FOUND THEN RETURN; END IF;

  SELECT u.* INTO who FROM users u WHERE u.id = who.id FOR NO KEY UPDATE;
  IF who.merged_into IS NOT NULL THEN failure := 'Busy'; body := '{"retry_after": 0.1}'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT d.* INTO dem FROM demands d WHERE d.id = wanted AND d.status <> 'draft' FOR NO KEY UPDATE;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.take' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  IF dem.id IS NULL THEN failure := 'NotFound'; RETURN; END IF;
  IF NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = who.id AND m.kind = 'provider' AND m.state = 'live'
      AND m.scenario_id = dem.scenario_id) THEN
    failure := CASE WHEN may_see_v1(who.id, dem.id) THEN 'Forbidden' ELSE 'NotFound' END; RETURN;
  END IF;
  IF dem.status = 'closed' THEN failure := 'AlreadyClosed'; RETURN; END IF;
  IF dem.requester_id = who.id THEN failure := 'Forbidden'; RETURN; END IF;
  IF EXISTS (SELECT FROM participants p WHERE p.demand_id = dem.id AND p.user_id = who.id AND p.skips AND p.left_at IS NOT NULL) THEN
    failure := 'AlreadyDeclined'; RETURN;
  END IF;
  IF dem.status = 'held' THEN failure := 'AlreadyTaken'; RETURN; END IF;
  IF EXISTS (SELECT FROM participants p WHERE p.demand_id = dem.id AND p.user_id = who.id AND p.left_at IS NULL) THEN
    failure := 'Forbidden'; RETURN;
  END IF;
  -- Shared with others, in conflict with retiring it at this moment, which would tell of the demand as still waiting.
  PERFORM FROM scenarios s WHERE s.id = dem.scenario_id AND s.retired_at IS NULL FOR SHARE;
  IF NOT FOUND THEN failure := 'Forbidden'; RETURN; END IF;
  IF who.restricted_until > now() THEN failure := 'Forbidden'; RETURN; END IF;
  IF who.held >= who.capacity THEN
    failure := 'AtCapacity'; body := demands_held_v1(who.id); RETURN;
  END IF;
  body := seat_provider_v1(dem, who.id, trace);
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'demands.take', call_key, call_hash, body);
END $$;
