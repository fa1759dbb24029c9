-- People as staff see them.

-- What staff find a person by: their display name, usernames, and the login of the web.
CREATE FUNCTION user_words_v1(who uuid, name text) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT public.search_vector(name || ' ' || coalesce(string_agg(
    concat_ws(' ', i.username, CASE WHEN i.channel = 'web' THEN i.external_id END), ' '), ''))
  FROM identities i WHERE i.user_id = who
$$;

CREATE FUNCTION users_find_by_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := user_words_v1(NEW.id, NEW.display_name);
  RETURN NEW;
END $$;
CREATE TRIGGER users_named BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION users_find_by_name();
CREATE TRIGGER users_renamed BEFORE UPDATE OF display_name ON users FOR EACH ROW
  WHEN (OLD.display_name IS DISTINCT FROM NEW.display_name) EXECUTE FUNCTION users_find_by_name();

CREATE FUNCTION users_find_by_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE users u SET words = user_words_v1(u.id, u.display_name)
  WHERE u.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.user_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.user_id END);
  RETURN NULL;
END $$;
CREATE TRIGGER identities_named AFTER INSERT ON identities FOR EACH ROW
  WHEN (NEW.username IS NOT NULL OR NEW.channel = 'web') EXECUTE FUNCTION users_find_by_identity();
CREATE TRIGGER identities_renamed AFTER UPDATE OF username, external_id, user_id ON identities FOR EACH ROW
  WHEN (OLD.username IS DISTINCT FROM NEW.username OR OLD.external_id <> NEW.external_id OR OLD.user_id <> NEW.user_id)
  EXECUTE FUNCTION users_find_by_identity();
CREATE TRIGGER identities_gone AFTER DELETE ON identities FOR EACH ROW EXECUTE FUNCTION users_find_by_identity();
UPDATE users SET words = user_words_v1(id, display_name);

-- A person as `contracts.people.PersonLine`.
CREATE FUNCTION person_line_v1(u users) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', u.id, 'display_name', u.display_name, 'locale', u.locale, 'is_admin', u.is_admin,
    'capacity', u.capacity, 'held', u.held, 'is_banned', u.banned_at IS NOT NULL,
    'is_restricted', coalesce(u.restricted_until > now(), false),
    'restricted_until', CASE WHEN u.restricted_until > now() AND isfinite(u.restricted_until) THEN u.restricted_until END,
    'last_seen_at', u.last_seen_at)
$$;

-- The scenarios a user moderates.
CREATE FUNCTION moderated_v1(who uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT m.scenario_id FROM memberships m WHERE m.user_id = who AND m.kind = 'moderator' AND m.state = 'live'
$$;

-- Everybody who has to do with a scenario the moderator looks after: members and applicants of it, and whoever sits, or once
-- sat, in one of its demands. A draft is nobody's business yet.
CREATE FUNCTION looked_after_v1(moderator uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT m.user_id FROM memberships m WHERE m.state IN ('applied', 'live') AND m.scenario_id IN (SELECT moderated_v1(moderator))
  UNION
  SELECT p.user_id FROM demands d JOIN participants p ON p.demand_id = d.id
  WHERE d.status <> 'draft' AND d.scenario_id IN (SELECT moderated_v1(moderator))
$$;

-- The same for one person, without gathering all of them.
CREATE FUNCTION looks_after_v1(moderator uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM memberships m
      WHERE m.user_id = person AND m.state IN ('applied', 'live') AND m.scenario_id IN (SELECT moderated_v1(moderator)))
    OR EXISTS (SELECT FROM participants p JOIN demands d ON d.id = p.demand_id AND d.status <> 'draft'
      WHERE p.user_id = person AND d.scenario_id IN (SELECT moderated_v1(moderator)))
$$;

-- Reports a person made, or that were made in demands where they sat: for admins all of them, for moderators those of their
-- scenarios, save what they may be part of themselves; as `contracts.people.HistoryReport`.
CREATE FUNCTION user_reports_v1(who uuid, viewer uuid, everywhere boolean) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('at', r.created_at, 'demand', d.id, 'number', d.number, 'is_reporter', r.reporter_id = who,
    'is_resolved', r.resolved_at IS NOT NULL, 'decision', r.decision)::text
  FROM reports r JOIN demands d ON d.id = r.demand_id
  WHERE (everywhere OR d.scenario_id IN (SELECT moderated_v1(viewer)) AND NOT is_part_of_v1(viewer, r))
    AND (r.reporter_id = who OR r.demand_id IN (SELECT p.demand_id FROM participants p WHERE p.user_id = who))
  ORDER BY r.created_at DESC, r.id DESC LIMIT 100
$$;

-- What a person's demands and messages said before they were changed, as `[key, data]` after a key, for an export.
CREATE FUNCTION export_versions_v1(who uuid, after text, rows integer) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT json_build_array(w.key, w.data)::text FROM (
    SELECT 'demand:' || v.demand_id || ':' || lpad(v.version::text, 9, '0') AS key, to_jsonb(v) - 'changed_by' AS data
    FROM demand_versions v JOIN demands d ON d.id = v.demand_id WHERE d.requester_id = who
    UNION ALL
    SELECT 'message:' || v.message_id || ':' || lpad(v.version::text, 9, '0'), to_jsonb(v)
    FROM message_versions v JOIN messages m ON m.id = v.message_id WHERE m.author_id = who) w
  WHERE after = '' OR w.key > after ORDER BY w.key LIMIT rows
$$;
