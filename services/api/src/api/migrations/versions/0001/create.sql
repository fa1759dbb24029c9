-- A call for help, in the queue. The requester's row is locked so that twins and the bound on open demands hold.
CREATE FUNCTION demands_create_v1(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  wanted uuid, new_title text, new_description text, new_payload jsonb, new_urgency text, open_limit integer,
  OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; dem demands; ahead integer; tries integer := 0; open_now integer;
BEGIN
  SELECT u.* INTO who FROM identities i JOIN users u ON u.id = i.user_id
  WHERE i.channel = actor_channel AND i.external_id = actor_ref FOR NO KEY UPDATE OF u;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.create' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  -- Shared with other creations, in conflict with retiring the scenario meanwhile (a key share would not be).
  PERFORM FROM scenarios s WHERE s.id = wanted AND s.retired_at IS NULL FOR SHARE;
  IF NOT FOUND THEN failure := 'NotFound'; RETURN; END IF;
  SELECT count(*) INTO open_now FROM demands d WHERE d.requester_id = who.id AND d.status IN ('draft', 'waiting', 'held');
  IF open_now >= open_limit THEN
    failure := 'TooManyOpen'; body := json_build_object('limit', open_limit)::text; RETURN;
  END IF;

  -- Four characters are easy to say aloud and enough for a town; under a country's load they grow by themselves.
  LOOP
    INSERT INTO demands (number, scenario_id, requester_id, status, urgency, title, description, payload, channel)
    VALUES (short_code_v1(4 + tries / 3), wanted, who.id, 'waiting', new_urgency, new_title, new_description, new_payload, actor_channel)
    ON CONFLICT (number) WHERE status <> 'closed' DO NOTHING RETURNING * INTO dem;
    EXIT WHEN FOUND;
    tries := tries + 1;
  END LOOP;
  INSERT INTO conversations (demand_id, seats) VALUES (dem.id, ARRAY[who.id]);
  INSERT INTO participants (demand_id, user_id, role, alias) VALUES (dem.id, who.id, 'requester', short_code_v1(5));
  SELECT count(*) INTO ahead FROM (
    SELECT FROM demands d WHERE d.status = 'waiting' AND d.scenario_id = wanted
      AND (d.rank, d.submitted_at, d.id) < (dem.rank, dem.submitted_at, dem.id) LIMIT 100) before;
  PERFORM owe_v1(ARRAY[who.id], dem.id, NULL, 'received', jsonb_build_object('ahead', ahead), trace);
  PERFORM fact_v1('demand', dem.id, 'created', jsonb_build_object('demand', dem.id, 'scenario', wanted, 'by', who.id), trace);
  body := json_build_object('id', dem.id, 'number', dem.number, 'status', dem.status, 'version', dem.version, 'ahead', ahead)::text;
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'demands.create', call_key, call_hash, body);
END $$;
