-- A line of a conversation as `contracts.messages.Message`. Of what was taken back nothing is shown.
CREATE OR REPLACE FUNCTION message_line_v1(m messages, viewer uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', m.id, 'demand', m.demand_id, 'seq', coalesce(m.after_seq, m.seq), 'kind', m.kind,
    'is_mine', m.kind <> 'notice' AND coalesce(m.author_id = viewer, false), 'author_role', m.author_role,
    'alias', m.alias, 'text', m.text, 'entities', m.entities, 'notice', m.notice, 'data', m.data,
    'reply_to', m.reply_to, 'at', m.created_at, 'version', m.version, 'revision', m.revision,
    'edited_at', m.edited_at, 'taken_back_at', m.taken_back_at, 'audience', m.audience,
    'attachments', CASE WHEN m.taken_back_at IS NULL THEN attachments_of_v1(m.id) ELSE '[]' END,
    'location', m.location, 'venue', m.venue, 'contact', m.contact,
    'reactions', (SELECT coalesce(json_agg(json_build_object('emoji', r.emoji, 'is_mine', coalesce(r.user_id = viewer, false),
        'role', r.role, 'alias', r.alias) ORDER BY r.at, r.user_id), '[]')
      FROM message_reactions r WHERE r.message_id = m.id AND m.taken_back_at IS NULL))
$$;

-- A message's files as `contracts.attachments.Attachment`.
CREATE OR REPLACE FUNCTION attachments_of_v1(message uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_object('id', a.id, 'kind', a.kind, 'state', a.state, 'name', a.name, 'mime', a.mime,
    'size', a.size, 'width', a.width, 'height', a.height, 'duration', a.duration) ORDER BY a.position), '[]')
  FROM attachments a WHERE a.message_id = message
$$;

-- Something a message said before, as `contracts.messages.Message`; for staff.
CREATE OR REPLACE FUNCTION message_version_v1(m messages, v message_versions, viewer uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT (message_line_v1(m, viewer)::jsonb || jsonb_build_object('text', v.text, 'entities', v.entities, 'at', v.said_at,
    'version', v.version, 'location', v.location, 'venue', v.venue, 'contact', v.contact,
    'attachments', attachments_of_v1(m.id)))::json
$$;

-- Whether somebody who may read a conversation may read this line of it: notes are for staff, whispers for their reader too.
CREATE OR REPLACE FUNCTION may_read_line_v1(m messages, viewer uuid, staff boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT m.kind <> 'note' OR staff OR coalesce(m.whispered_to = viewer, false)
$$;
