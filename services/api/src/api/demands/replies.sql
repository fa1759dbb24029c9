-- A demand as `contracts.demands.DemandLine`, with what the viewer is in it.
CREATE OR REPLACE FUNCTION demand_line_v1(d demands, viewer uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', d.id, 'number', d.number, 'scenario', d.scenario_id, 'place', s.place,
    'resource', s.resource, 'title', d.title, 'status', d.status, 'urgency', d.urgency, 'version', d.version,
    'submitted_at', d.submitted_at, 'role', (SELECT p.role FROM participants p
      WHERE p.demand_id = d.id AND p.user_id = viewer AND p.left_at IS NULL))
  FROM scenarios s WHERE s.id = d.scenario_id
$$;

-- A demand as `contracts.demands.Demand`.
CREATE OR REPLACE FUNCTION demand_reply_v1(d demands, viewer uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', d.id, 'number', d.number, 'scenario', d.scenario_id, 'place', s.place,
    'resource', s.resource, 'title', d.title, 'description', d.description, 'payload', d.payload, 'status', d.status,
    'urgency', d.urgency, 'channel', d.channel, 'version', d.version, 'last_seq', c.last_seq,
    'submitted_at', d.submitted_at, 'held_at', d.held_at, 'closed_at', d.closed_at, 'close_reason', d.close_reason,
    'waiting_since', CASE WHEN d.status <> 'draft' THEN d.waiting_since END, 'first_held_at', d.first_held_at,
    'first_response_at', c.first_response_at, 'merged_into', d.merged_into,
    'role', (SELECT p.role FROM participants p
      WHERE p.demand_id = d.id AND p.user_id = viewer AND p.left_at IS NULL))::text
  FROM scenarios s, conversations c WHERE s.id = d.scenario_id AND c.demand_id = d.id
$$;

-- A participant as `contracts.participants.Participant`: user ids for staff; the phone its owner shared and no other, to
-- staff and those who sit there, not to everybody the demand waits for, nor to a helper once the demand has ended.
CREATE OR REPLACE FUNCTION participant_reply_v1(p participants, viewer uuid, staff boolean) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('role', p.role, 'alias', p.alias, 'is_me', p.user_id IS NOT DISTINCT FROM viewer,
    'joined_at', p.joined_at, 'left_at', p.left_at, 'declined_at', p.declined_at,
    'user', CASE WHEN staff THEN p.user_id END,
    'phone', CASE WHEN p.user_id = viewer THEN u.phone WHEN staff OR EXISTS (
        SELECT FROM participants v JOIN demands d ON d.id = v.demand_id
        WHERE v.demand_id = p.demand_id AND v.user_id = viewer AND v.left_at IS NULL
          AND (v.role <> 'provider' OR d.provider_id = viewer))
      THEN p.shared_phone END)
  FROM users u WHERE u.id = p.user_id
$$;
