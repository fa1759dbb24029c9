-- A report as `contracts.reports.Report`.
CREATE FUNCTION report_reply_v1(r reports) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', r.id, 'demand', r.demand_id, 'number', d.number, 'scenario', d.scenario_id,
    'place', s.place, 'resource', s.resource, 'reporter', r.reporter_id, 'reporter_role', r.reporter_role,
    'reason', r.reason, 'evidence', r.evidence, 'status', r.status, 'at', r.created_at, 'resolved_at', r.resolved_at,
    'decision', r.decision, 'note', r.note)::text
  FROM demands d JOIN scenarios s ON s.id = d.scenario_id WHERE d.id = r.demand_id
$$;

-- Whether somebody is in what a report is about, and so may be what is wrong: asked for the demand or helped there before it
-- was made, or sat there as a moderator when it was. Who joined because of it is no part of it.
CREATE FUNCTION is_part_of_v1(who uuid, r reports) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM participants p WHERE p.demand_id = r.demand_id AND p.user_id = who AND p.joined_at < r.created_at
    AND (p.role <> 'moderator' OR p.left_at IS NULL OR p.left_at > r.created_at))
$$;
