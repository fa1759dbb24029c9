-- A report as `contracts.reports.Report`.
CREATE FUNCTION report_reply_v1(r reports) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', r.id, 'demand', r.demand_id, 'number', d.number, 'scenario', d.scenario_id,
    'place', s.place, 'resource', s.resource, 'reporter', r.reporter_id, 'reporter_role', r.reporter_role,
    'reason', r.reason, 'evidence', r.evidence, 'status', r.status, 'at', r.created_at, 'resolved_at', r.resolved_at,
    'decision', r.decision, 'note', r.note)::text
  FROM demands d JOIN scenarios s ON s.id = d.scenario_id WHERE d.id = r.demand_id
$$;
