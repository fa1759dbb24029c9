-- Whether a user may know of a demand: live participants, its scenario's moderators, admins; providers of its scenario
-- while it waits for them, which it does not for who declined it. A draft is its requester's alone.
CREATE OR REPLACE FUNCTION may_see_v1(who uuid, dem uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM demands d WHERE d.id = dem AND (d.status <> 'draft' OR d.requester_id = who)) AND (
    EXISTS (SELECT FROM participants p WHERE p.demand_id = dem AND p.user_id = who AND p.left_at IS NULL)
    OR EXISTS (SELECT FROM users u WHERE u.id = who AND u.is_admin)
    OR EXISTS (SELECT FROM demands d JOIN memberships m ON m.scenario_id = d.scenario_id
      WHERE d.id = dem AND m.user_id = who AND m.state = 'live'
        AND (m.kind = 'moderator' OR d.status = 'waiting' AND NOT EXISTS (
          SELECT FROM participants p WHERE p.demand_id = d.id AND p.user_id = who AND p.skips))))
$$;

-- Whether a user may act on a demand as its staff: an admin, or a moderator of its scenario.
CREATE OR REPLACE FUNCTION is_staff_of_v1(who uuid, dem uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = who AND u.is_admin)
    OR EXISTS (SELECT FROM demands d JOIN memberships m ON m.scenario_id = d.scenario_id
      WHERE d.id = dem AND m.user_id = who AND m.state = 'live' AND m.kind = 'moderator')
$$;
