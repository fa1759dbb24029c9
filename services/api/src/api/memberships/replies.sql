-- A membership as `contracts.memberships.Membership`.
CREATE FUNCTION membership_reply_v1(m memberships) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('user', m.user_id, 'scenario', m.scenario_id, 'place', s.place, 'resource', s.resource,
    'kind', m.kind, 'state', m.state, 'routing_factor', m.routing_factor,
    'paused_until', CASE WHEN m.paused_until > now() THEN m.paused_until END)
  FROM scenarios s WHERE s.id = m.scenario_id
$$;
