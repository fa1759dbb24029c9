-- A staff chat as `contracts.chats.StaffChat`.
CREATE FUNCTION staff_chat_reply_v1(c staff_chats) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('address', t.address, 'scenario', c.scenario_id, 'place', s.place, 'resource', s.resource,
    'title', c.title, 'locale', c.locale, 'topics', c.topics, 'group_grants_membership', c.group_grants_membership,
    'is_reachable', t.reachable, 'bound_at', c.bound_at)::text
  FROM scenarios s, destinations t WHERE s.id = c.scenario_id AND t.id = c.destination_id
$$;
