-- A user as `contracts.users.User`, for themselves and for staff.
CREATE FUNCTION user_reply_v1(u users) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', u.id, 'display_name', u.display_name, 'locale', u.locale, 'phone', u.phone,
    'capacity', u.capacity, 'held', u.held, 'is_admin', u.is_admin, 'paused_until', (
      SELECT CASE WHEN bool_and(m.paused_until > now()) THEN min(m.paused_until) END
      FROM memberships m WHERE m.user_id = u.id AND m.kind = 'provider' AND m.state = 'live'))
$$;

-- A user with what they are and the active demands they sit in, as `contracts.users.Me`.
CREATE FUNCTION me_reply_v1(who uuid, is_new boolean) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('user', user_reply_v1(u), 'is_new', is_new,
    'memberships', (SELECT coalesce(json_agg(membership_reply_v1(m) ORDER BY m.created_at, m.scenario_id), '[]')
      FROM memberships m JOIN scenarios s ON s.id = m.scenario_id AND s.retired_at IS NULL
      WHERE m.user_id = u.id AND m.state IN ('applied', 'live')),
    'demands', (SELECT coalesce(json_agg(demand_line_v1(d, u.id) ORDER BY d.submitted_at, d.id), '[]')
      FROM participants p JOIN demands d ON d.id = p.demand_id AND d.status IN ('waiting', 'held')
      WHERE p.user_id = u.id AND p.left_at IS NULL))::text
  FROM users u WHERE u.id = who
$$;
