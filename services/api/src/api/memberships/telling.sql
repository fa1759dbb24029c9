-- Somebody may help (or look after) one scenario more. Who is let into several in one breath hears of them in one message:
-- what waits to be sent last of all is made longer, and what was sent in the last half minute is edited. The caller holds
-- the person's row, so that two of these follow one another.
CREATE FUNCTION owe_gain_v1(who uuid, kind_of_notice text, content jsonb, trace text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE place record; last deliveries; joined jsonb; added deliveries;
BEGIN
  FOR place IN
    SELECT t.id, t.reachable FROM identities i JOIN destinations t ON t.identity_id = i.id
    JOIN users u ON u.id = i.user_id AND u.banned_at IS NULL
    WHERE i.user_id = who ORDER BY t.id FOR KEY SHARE OF t
  LOOP
    SELECT d.* INTO last FROM deliveries d
    WHERE d.recipient_id = who AND d.destination_id = place.id AND d.notice IN ('membership_approved', 'membership_changed')
    ORDER BY d.position DESC LIMIT 1;
    joined := NULL;
    IF place.reachable AND last.data ->> 'state' = 'live' AND last.data ->> 'kind' = content ->> 'kind'
      AND (last.status IN ('pending', 'sending') OR last.status = 'sent' AND last.settled_at > now() - interval '30 s')
      AND NOT EXISTS (SELECT FROM deliveries d WHERE d.destination_id = place.id AND d.status IN ('pending', 'sending')
        AND d.position > last.position)
    THEN
      joined := gains_v1(last.data, content);
      UPDATE deliveries d SET data = joined WHERE d.id = last.id AND d.status = 'pending';
      CONTINUE WHEN FOUND;
    END IF;
    INSERT INTO deliveries (destination_id, recipient_id, notice, data, kind, supersedes, status, settled_at, reason, traceparent)
    VALUES (place.id, who, kind_of_notice, coalesce(joined, content), CASE WHEN joined IS NULL THEN 'send' ELSE 'card' END,
      CASE WHEN joined IS NOT NULL THEN last.id END,
      CASE WHEN place.reachable THEN 'pending' ELSE 'refused' END, CASE WHEN NOT place.reachable THEN now() END,
      CASE WHEN NOT place.reachable THEN 'unreachable' END, trace) RETURNING * INTO added;
    IF added.status = 'pending' THEN
      INSERT INTO outbox (subject, body, traceparent)
      VALUES ('notify.v1.telegram.' || place.id, jsonb_build_object('destination', place.id), trace);
    END IF;
  END LOOP;
END $$;

-- What a message about a gain says once another one joins it; the same kind of help is named once.
CREATE FUNCTION gains_v1(said jsonb, content jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN said @> one OR said @> jsonb_build_object('more', jsonb_build_array(one)) THEN said
    ELSE jsonb_set(said, '{more}', coalesce(said -> 'more', '[]') || one) END
  FROM jsonb_build_object('place', content -> 'place', 'resource', content -> 'resource') AS one
$$;
