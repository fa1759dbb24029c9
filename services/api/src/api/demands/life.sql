-- How a demand changes hands and comes back. Every function here expects the caller to hold the locks of everybody
-- concerned and of the demand, and to have checked that it may be done; the conversation they take themselves.

-- The end: nothing is said in it any more, and nobody's record of having skipped it is kept for the queue. Who held it keeps
-- the seat, and so the record of it. `goes_on`: the demand in whose favour it ended.
CREATE FUNCTION end_demand_v1(dem uuid, ended_by uuid, why text, goes_on uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE demands d SET status = 'closed', provider_id = NULL, closed_at = now(), closed_by = ended_by, close_reason = why,
    merged_into = goes_on, version = d.version + 1
  WHERE d.id = dem;
  UPDATE conversations c SET open = false, revision = c.revision + 1 WHERE c.demand_id = dem;
  UPDATE participants p SET skips = false WHERE p.demand_id = dem AND p.skips;
END $$;

-- Somebody else, please: the provider is out for good and nobody says so. Their record is that of somebody who declined.
CREATE FUNCTION release_provider_v1(dem demands, actor uuid, as_role text, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE who uuid := dem.provider_id;
BEGIN
  UPDATE demands d SET status = 'waiting', provider_id = NULL, held_at = NULL, version = d.version + 1 WHERE d.id = dem.id;
  PERFORM unseat_v1(dem.id, who);
  UPDATE participants SET declined_at = now(), released_at = now(), skips = true
  WHERE id = (SELECT p.id FROM participants p WHERE p.demand_id = dem.id AND p.user_id = who ORDER BY p.joined_at DESC, p.id DESC LIMIT 1);
  IF back_in_queue_v1(dem, trace) THEN
    PERFORM notice_v1(dem.id, 'looking_for_another', actor, jsonb_build_object('by', as_role), trace);
  END IF;
  PERFORM owe_v1(ARRAY[who], NULL, NULL, 'released', jsonb_build_object('number', dem.number), trace);
  PERFORM demand_fact_v1(dem.id, 'released', jsonb_build_object('demand', dem.id, 'scenario', dem.scenario_id, 'by', actor), trace);
END $$;

-- Seat whoever staff chose, in the place of the present provider where there is one; that one is told and may be given it
-- again. `own`: the person chose themselves, and gives up a moderator's seat for it.
CREATE FUNCTION assign_provider_v1(dem demands, chosen uuid, own boolean, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE former uuid := dem.provider_id;
BEGIN
  IF former IS NOT NULL THEN PERFORM unseat_v1(dem.id, former); END IF;
  IF EXISTS (SELECT FROM participants p WHERE p.demand_id = dem.id AND p.user_id = chosen AND p.left_at IS NULL) THEN
    PERFORM unseat_v1(dem.id, chosen);
  END IF;
  PERFORM seat_provider_v1(dem, chosen, trace);
  IF NOT own THEN
    UPDATE deliveries v SET data = v.data || '{"by": "moderator"}' WHERE v.demand_id = dem.id AND v.recipient_id = chosen
      AND v.notice = 'you_took_it' AND v.created_at = now();
  END IF;
  IF former IS NOT NULL THEN
    PERFORM owe_v1(ARRAY[former], NULL, NULL, 'handed_over', jsonb_build_object('number', dem.number), trace);
  END IF;
END $$;

-- A closed demand back in the queue, as old as it was. The requester sits in it, and moderators who sat there to the end and
-- still are some; who declined it still has. Returns the demand as it is now.
CREATE FUNCTION reopen_demand_v1(dem demands, actor uuid, trace text) RETURNS demands LANGUAGE plpgsql AS $$
DECLARE former uuid; gone uuid; wanted text := dem.number; tries integer := 0;
BEGIN
  -- Who held it hears of it, unless they were banned meanwhile: nothing is owed to them any more.
  SELECT p.user_id INTO former FROM participants p JOIN users u ON u.id = p.user_id AND u.banned_at IS NULL
  WHERE p.demand_id = dem.id AND p.role = 'provider' AND p.left_at IS NULL;
  FOR gone IN
    SELECT p.user_id FROM participants p JOIN users u ON u.id = p.user_id WHERE p.demand_id = dem.id AND p.left_at IS NULL
      AND (p.role = 'provider' OR p.role = 'moderator' AND (u.banned_at IS NOT NULL OR NOT is_staff_of_v1(p.user_id, dem.id)))
  LOOP
    PERFORM unseat_v1(dem.id, gone);
  END LOOP;
  -- Somebody else may have been given the number meanwhile, or be just about to.
  LOOP
    BEGIN
      UPDATE demands d SET status = 'waiting', closed_at = NULL, closed_by = NULL, close_reason = NULL, merged_into = NULL,
        held_at = NULL, number = wanted, version = d.version + 1
      WHERE d.id = dem.id RETURNING d.* INTO dem;
      EXIT;
    EXCEPTION WHEN unique_violation THEN
      wanted := short_code_v1(4 + tries / 3);
      tries := tries + 1;
    END;
  END LOOP;
  UPDATE participants p SET skips = true WHERE p.demand_id = dem.id
    AND CASE WHEN p.left_at IS NULL THEN p.role = 'moderator' ELSE p.declined_at IS NOT NULL AND p.reset_at IS NULL END;
  UPDATE conversations c SET open = true, revision = c.revision + 1, still_needed_at = now() WHERE c.demand_id = dem.id;
  PERFORM notice_v1(dem.id, 'reopened', actor, jsonb_build_object('number', dem.number), trace);
  IF former IS NOT NULL THEN
    PERFORM owe_v1(ARRAY[former], NULL, NULL, 'reopened', jsonb_build_object('number', dem.number), trace);
  END IF;
  PERFORM demand_fact_v1(dem.id, 'reopened', jsonb_build_object('demand', dem.id, 'scenario', dem.scenario_id, 'by', actor), trace);
  RETURN dem;
END $$;
