-- What a user is to a demand (`api.rights.Relation`) and how the demand stands, as `api.standing.Standing`. A draft is
-- its requester's alone.
CREATE FUNCTION demand_standing_v1(who uuid, dem uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('status', d.status, 'scenario', d.scenario_id, 'requester', d.requester_id,
    'provider', d.provider_id, 'relations', array_remove(ARRAY[
      CASE WHEN d.requester_id = who THEN 'requester' END,
      CASE WHEN s.role = 'provider' THEN 'provider' END,
      CASE WHEN s.role = 'moderator' THEN 'seated' END,
      CASE WHEN EXISTS (SELECT FROM users u WHERE u.id = who AND u.is_admin) THEN 'admin' END,
      CASE WHEN m.moderates THEN 'moderator' END,
      CASE WHEN m.provides THEN 'member' END,
      CASE WHEN m.provides AND d.status = 'waiting' AND d.requester_id <> who AND NOT EXISTS (
        SELECT FROM participants p WHERE p.demand_id = d.id AND p.user_id = who AND p.skips) THEN 'offered' END], NULL))::text
  FROM demands d
  LEFT JOIN participants s ON s.demand_id = d.id AND s.user_id = who AND s.left_at IS NULL
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(m.kind = 'moderator'), false) AS moderates, coalesce(bool_or(m.kind = 'provider'), false) AS provides
    FROM memberships m WHERE m.user_id = who AND m.scenario_id = d.scenario_id AND m.state = 'live') m
  WHERE d.id = dem AND (d.status <> 'draft' OR d.requester_id = who)
$$;
