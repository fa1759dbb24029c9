-- Everything a person wrote is emptied, wherever it is kept; rows and ids stay for the sake of those who were there too.
-- Expects the person and all their live ties locked and let go. Whoever became this person is forgotten with them.
CREATE FUNCTION forget_words_v1(who uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  whom uuid[] := ARRAY(SELECT u.id FROM users u WHERE u.id = who OR u.merged_into = who);
  asked uuid[] := ARRAY(SELECT d.id FROM demands d WHERE d.requester_id = who ORDER BY d.id);
  sat uuid[] := ARRAY(SELECT DISTINCT p.demand_id FROM participants p WHERE p.user_id = who);
  reported uuid[] := ARRAY(SELECT r.id FROM reports r WHERE r.reporter_id = who OR r.resolved_by = who);
BEGIN
  PERFORM FROM demands d WHERE d.id = ANY (asked) ORDER BY d.id FOR NO KEY UPDATE;
  PERFORM FROM conversations c WHERE c.demand_id = ANY (sat)
    OR c.demand_id IN (SELECT m.demand_id FROM messages m WHERE m.author_id = who)
    OR c.demand_id IN (SELECT m.demand_id FROM message_reactions r JOIN messages m ON m.id = r.message_id WHERE r.user_id = who)
  ORDER BY c.demand_id FOR NO KEY UPDATE;
  -- Every line that changes gets a revision of its own: it tells whoever has the line already to look at it again, and a page
  -- that ends between two of them passes neither over.
  WITH changed AS (
    SELECT m.id, m.demand_id, row_number() OVER (PARTITION BY m.demand_id ORDER BY m.revision, m.id) AS n FROM messages m
    WHERE m.id IN (SELECT own.id FROM messages own WHERE own.author_id = who
      UNION SELECT r.message_id FROM message_reactions r WHERE r.user_id = who)),
  revised AS (
    UPDATE messages m SET revision = c.revision + ch.n FROM changed ch JOIN conversations c ON c.demand_id = ch.demand_id
    WHERE m.id = ch.id RETURNING m.demand_id)
  UPDATE conversations c SET revision = c.revision + greatest(1, (SELECT count(*) FROM changed ch WHERE ch.demand_id = c.demand_id))
  WHERE c.demand_id = ANY (sat) OR c.demand_id IN (SELECT demand_id FROM revised);

  -- Not sent yet: it never will be.
  UPDATE deliveries SET status = 'withdrawn', settled_at = now(), reason = 'erased'
  WHERE status = 'pending' AND (recipient_id = ANY (whom)
    OR message_id IN (SELECT m.id FROM messages m WHERE m.author_id = who AND m.kind <> 'notice'));
  -- Whatever notice of their demands carried words of theirs to those who sat there, under whichever id they sat.
  UPDATE deliveries SET data = data || CASE WHEN data ? 'description' THEN '{"title": "", "description": ""}' ELSE '{}' END::jsonb
    || CASE WHEN data ? 'words' THEN '{"words": null}' ELSE '{}' END::jsonb
  WHERE demand_id = ANY (asked) AND data ?| '{description,words}'
    AND (recipient_id IS NULL -- a topic's
      OR recipient_id IN (SELECT u.id FROM participants p JOIN users u ON p.user_id IN (u.id, u.merged_into) WHERE p.demand_id = ANY (asked)));
  UPDATE deliveries SET data = '{}' WHERE recipient_id = ANY (whom) AND data <> '{}';

  UPDATE participants SET alias = short_code_v1(8), contact_shared_at = NULL WHERE user_id = who;
  DELETE FROM message_reactions WHERE user_id = who;
  DELETE FROM attachments a USING messages m WHERE m.id = a.message_id AND m.author_id = who;
  UPDATE message_versions v SET text = '', entities = '[]', location = NULL, venue = NULL, contact = NULL
  FROM messages m WHERE m.id = v.message_id AND m.author_id = who;
  UPDATE messages m SET text = '', entities = '[]', location = NULL, venue = NULL, contact = NULL,
    alias = (SELECT p.alias FROM participants p
      WHERE p.demand_id = m.demand_id AND p.user_id = who ORDER BY p.joined_at DESC, p.id DESC LIMIT 1)
  WHERE m.author_id = who;
  UPDATE demands SET title = '', description = '', payload = '{}', version = version + 1 WHERE id = ANY (asked);
  UPDATE demand_versions SET title = '', description = '', payload = '{}' WHERE demand_id = ANY (asked);
  UPDATE feedback SET words = '' WHERE demand_id = ANY (asked);
  UPDATE reports SET reason = CASE reporter_id WHEN who THEN '' ELSE reason END, note = '' WHERE id = ANY (reported);

  -- Answers kept for a retry: the person's own, and what others were told of them and their demands. Whoever does not sit in
  -- a demand and was answered with its words is staff, and so on record.
  DELETE FROM idempotency WHERE actor = ANY (whom::text[]);
  UPDATE idempotency k SET reply = (k.reply::jsonb || '{"title": "", "description": "", "payload": {}}')::text
  WHERE k.operation LIKE 'demands.%' AND k.actor IN (
      SELECT p.user_id::text FROM participants p WHERE p.demand_id = ANY (asked)
      UNION SELECT a.actor FROM audit a WHERE a.subject_id = ANY (asked))
    AND k.reply::jsonb ->> 'id' = ANY (asked::text[]) AND k.reply::jsonb ? 'description';
  UPDATE idempotency k SET reply = (k.reply::jsonb || '{"alias": "", "phone": null}')::text
  WHERE k.operation LIKE 'participants.%' AND k.actor IN (SELECT a.actor FROM audit a WHERE a.subject_id = ANY (sat))
    AND k.reply::jsonb ->> 'user' = ANY (whom::text[]) AND k.reply::jsonb ? 'alias';
  UPDATE idempotency k SET reply = (k.reply::jsonb || '{"reason": "", "note": ""}')::text
  WHERE k.operation = 'reports.resolve' AND k.actor IN (SELECT a.actor FROM audit a WHERE a.subject_id = ANY (reported))
    AND k.reply::jsonb ->> 'id' = ANY (reported::text[]);
  UPDATE idempotency k SET reply = (k.reply::jsonb || '{"display_name": ""}')::text
  WHERE k.operation LIKE 'users.%' AND k.actor IN (SELECT a.actor FROM audit a WHERE a.subject_id = ANY (whom))
    AND k.reply::jsonb ->> 'id' = ANY (whom::text[]);
  UPDATE audit SET detail = detail - 'reason' WHERE subject_id = ANY (whom) AND detail ? 'reason';
END $$;

-- Nothing leads to the person any more: identities, chats, names, ways in. What they were a member of they are not.
CREATE FUNCTION forget_person_v1(who uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE chats uuid[];
BEGIN
  SELECT coalesce(array_agg(t.id), '{}') INTO chats FROM destinations t JOIN identities i ON i.id = t.identity_id WHERE i.user_id = who;
  DELETE FROM delivery_parts WHERE destination_id = ANY (chats);
  DELETE FROM message_origins WHERE destination_id = ANY (chats);
  UPDATE destinations SET reachable = false, identity_id = NULL, address = 'erased:' || id WHERE id = ANY (chats);
  DELETE FROM identities WHERE user_id = who;
  DELETE FROM credentials WHERE user_id = who;
  DELETE FROM recovery_codes WHERE user_id = who;
  DELETE FROM guest_codes WHERE user_id = who;
  DELETE FROM link_codes c USING users u WHERE c.user_id = u.id AND (u.id = who OR u.merged_into = who);
  UPDATE memberships SET state = 'removed', paused_until = NULL, changed_at = now() WHERE user_id = who AND state <> 'removed';
  UPDATE users SET display_name = '', locale = 'en', phone = NULL, alias = NULL, time_zone = NULL, quiet_from = NULL,
    quiet_to = NULL, is_admin = false, capacity = 0, erased_at = now() WHERE id = who OR merged_into = who;
END $$;
