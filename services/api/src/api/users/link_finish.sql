-- What decides whether a user can become another, as `api.users.link_finish.State`. A guest came without an account, by a
-- private code; somebody with nothing yet has done nothing that could be confused with another's.
CREATE FUNCTION link_state_v1(u users) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('is_welcome', u.banned_at IS NULL,
    'is_gone', u.merged_into IS NOT NULL OR u.erased_at IS NOT NULL,
    'is_guest', NOT u.is_admin AND EXISTS (SELECT FROM guest_codes g WHERE g.user_id = u.id),
    'has_nothing', NOT u.is_admin
      AND NOT EXISTS (SELECT FROM credentials c WHERE c.user_id = u.id)
      AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = u.id)
      AND NOT EXISTS (SELECT FROM demands d WHERE d.requester_id = u.id)
      AND NOT EXISTS (SELECT FROM participants p WHERE p.user_id = u.id))
$$;

-- Whether two users ever had a seat in one demand: as one user they would have helped, or moderated, themselves.
CREATE FUNCTION users_met_v1(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM participants a JOIN participants b ON b.demand_id = a.demand_id AND b.user_id = other
    WHERE a.user_id = one)
$$;

-- Move everything one user has to another. The caller holds both rows for itself alone; demands and then conversations are
-- locked here. What others' tables keep about people moves by their foreign keys, so that a new table is not forgotten.
CREATE FUNCTION users_merge_v1(gone uuid, kept uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  theirs uuid[];
  place record;
  -- A name that no channel gave is not a channel's to change later.
  has_a_name boolean := EXISTS (SELECT FROM identities i WHERE i.user_id = kept AND i.channel <> 'telegram');
BEGIN
  theirs := ARRAY(SELECT p.demand_id FROM participants p WHERE p.user_id = gone
    UNION SELECT d.id FROM demands d WHERE d.requester_id = gone
    -- Staff write notes, and close (a line of the conversation is theirs then), without ever sitting there.
    UNION SELECT m.demand_id FROM messages m WHERE m.author_id = gone);
  PERFORM FROM demands d WHERE d.id = ANY (theirs) ORDER BY d.id FOR NO KEY UPDATE;
  PERFORM FROM conversations c WHERE c.demand_id = ANY (theirs) ORDER BY c.demand_id FOR NO KEY UPDATE;

  UPDATE identities SET user_id = kept WHERE user_id = gone;
  UPDATE demands SET requester_id = CASE requester_id WHEN gone THEN kept ELSE requester_id END,
    provider_id = CASE provider_id WHEN gone THEN kept ELSE provider_id END,
    closed_by = CASE closed_by WHEN gone THEN kept ELSE closed_by END
  WHERE id = ANY (theirs);
  UPDATE participants SET user_id = kept WHERE user_id = gone;
  UPDATE conversations SET seats = array_replace(seats, gone, kept), revision = revision + 1 WHERE demand_id = ANY (theirs);
  UPDATE messages SET author_id = CASE author_id WHEN gone THEN kept ELSE author_id END,
    whispered_to = CASE whispered_to WHEN gone THEN kept ELSE whispered_to END
  WHERE demand_id = ANY (theirs) AND gone IN (author_id, whispered_to);
  -- What is still owed goes to who they are now; what was settled stays a record of whom it was written to.
  UPDATE deliveries d SET recipient_id = kept
  FROM identities i JOIN destinations t ON t.identity_id = i.id
  WHERE i.user_id = kept AND d.destination_id = t.id AND d.recipient_id = gone
    AND (d.status IN ('pending', 'sending') OR d.status = 'refused' AND d.reason = 'unreachable');
  -- Where both are members, what was decided about the one who stays counts; an application waits for a decision, and gives
  -- way to one.
  DELETE FROM memberships o USING memberships m WHERE o.user_id = kept AND o.state = 'applied' AND m.user_id = gone
    AND m.state = 'live' AND m.kind = o.kind AND m.scenario_id = o.scenario_id;
  UPDATE memberships m SET user_id = kept WHERE m.user_id = gone AND NOT EXISTS (
    SELECT FROM memberships o WHERE o.user_id = kept AND o.kind = m.kind AND o.scenario_id = m.scenario_id);
  DELETE FROM memberships WHERE user_id = gone;
  -- A call whose answer was lost is asked again by who they are now, and must not take effect twice.
  UPDATE idempotency k SET actor = kept::text WHERE k.actor = gone::text AND NOT EXISTS (
    SELECT FROM idempotency o WHERE o.actor = kept::text AND o.operation = k.operation AND o.key = k.key);
  DELETE FROM guest_codes WHERE user_id = gone;
  UPDATE link_codes SET became = kept WHERE became = gone;
  -- Who was offered a demand under both names may have reported it under both: it is one report then.
  WITH doubled AS (
    DELETE FROM reports g USING reports k WHERE g.reporter_id = gone AND g.status = 'open'
      AND k.demand_id = g.demand_id AND k.reporter_id = kept AND k.status = 'open'
    RETURNING k.id, g.reason, g.evidence)
  UPDATE reports r SET reason = r.reason || E'\n' || o.reason,
    evidence = r.evidence || ARRAY(SELECT e FROM unnest(o.evidence) e WHERE e <> ALL (r.evidence))
  FROM doubled o WHERE r.id = o.id;

  FOR place IN
    SELECT c.conrelid::regclass AS within, a.attname AS named FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass AND cardinality(c.conkey) = 1
      AND c.conrelid NOT IN ('users'::regclass, 'identities'::regclass, 'demands'::regclass, 'participants'::regclass,
        'messages'::regclass, 'deliveries'::regclass, 'memberships'::regclass, 'credentials'::regclass,
        'recovery_codes'::regclass, 'guest_codes'::regclass, 'link_codes'::regclass)
  LOOP
    EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2', place.within, place.named, place.named) USING kept, gone;
  END LOOP;
  -- How the one who stays wants to be called and left alone is theirs; of two restrictions the stricter one holds.
  UPDATE users u SET phone = coalesce(u.phone, g.phone), display_name = coalesce(nullif(u.display_name, ''), g.display_name),
    chose_name = u.chose_name OR has_a_name OR u.display_name = '' AND g.chose_name,
    restricted_until = greatest(u.restricted_until, g.restricted_until)
  FROM users g WHERE u.id = kept AND g.id = gone;
  UPDATE users SET merged_into = kept, display_name = '', phone = NULL, alias = NULL, time_zone = NULL, quiet_from = NULL,
    quiet_to = NULL WHERE id = gone;
  -- Whoever was led to the emptied user before is led on.
  UPDATE users SET merged_into = kept WHERE merged_into = gone;
END $$;
