-- A scenario as `contracts.scenarios.Scenario`.
CREATE OR REPLACE FUNCTION scenario_reply_v1(s scenarios) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', s.id, 'place', s.place, 'resource', s.resource, 'description', s.description,
    'payload', s.payload, 'routing', s.routing, 'provider_may_close', s.provider_may_close,
    'retired', s.retired_at IS NOT NULL, 'version', s.version,
    'phone_required', s.phone_required)::text
$$;
