-- A call for help, in the queue or kept as a draft. The requester's row is locked so that twins and the bound on open demands hold.
CREATE FUNCTION demands_create_v2(actor_channel text, actor_ref text, call_key text, call_hash bigint, trace text,
  wanted uuid, new_title text, new_description text, new_payload jsonb, new_urgency text, is_draft boolean, open_limit integer,
  OUT failure text, OUT body text) LANGUAGE plpgsql AS $$
DECLARE who users; dem demands; ahead integer := 0; tries integer := 0; open_now integer; alike json;
BEGIN
  SELECT u.* INTO who FROM users u WHERE u.id = CASE WHEN actor_channel = 'user' THEN actor_ref::uuid
    ELSE (SELECT i.user_id FROM identities i WHERE i.channel = actor_channel AND i.external_id = actor_ref) END FOR NO KEY UPDATE;
  IF NOT FOUND THEN failure := 'NotSignedIn'; RETURN; END IF;
  IF who.merged_into IS NOT NULL THEN failure := 'Busy'; body := '{"retry_after": 0.1}'; RETURN; END IF;
  IF who.banned_at IS NOT NULL THEN failure := 'Banned'; RETURN; END IF;
  -- Erased while this call waited for the lock: nobody would be there to be helped.
  IF who.erased_at IS NOT NULL THEN failure := 'NotSignedIn'; RETURN; END IF;
  SELECT CASE WHEN k.body_hash <> call_hash THEN 'KeyReused' END, k.reply INTO failure, body FROM idempotency k
  WHERE k.actor = who.id::text AND k.operation = 'demands.create' AND k.key = call_key;
  IF FOUND THEN RETURN; END IF;
  IF who.restricted_until > now() THEN failure := 'Forbidden'; RETURN; END IF;
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
    VALUES (short_code_v1(4 + tries / 3), wanted, who.id, CASE WHEN is_draft THEN 'draft' ELSE 'waiting' END, new_urgency, new_title, new_description, new_payload,
      CASE actor_channel WHEN 'user' THEN 'web' ELSE actor_channel END)
    ON CONFLICT (number) WHERE status <> 'closed' DO NOTHING RETURNING * INTO dem;
    EXIT WHEN FOUND;
    tries := tries + 1;
  END LOOP;
  INSERT INTO conversations (demand_id, seats, open) VALUES (dem.id, ARRAY[who.id], NOT is_draft);
  INSERT INTO participants (demand_id, user_id, role, alias) VALUES (dem.id, who.id, 'requester', coalesce(who.alias, short_code_v1(5)));
  IF NOT is_draft THEN ahead := submitted_v1(dem, trace); END IF;
  IF open_now > 0 THEN alike := similar_demand_v1(dem); END IF;
  body := json_build_object('id', dem.id, 'number', dem.number, 'status', dem.status, 'version', dem.version, 'ahead', ahead,
    'similar', alike)::text;
  INSERT INTO idempotency (actor, operation, key, body_hash, reply) VALUES (who.id::text, 'demands.create', call_key, call_hash, body);
END $$;
