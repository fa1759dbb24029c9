-- What somebody's chats were shown of closed demands, or of `everything`, is owed a `delete`, as long as the channel allows one: Telegram lets a
-- bot delete what it sent for 48 hours, and after that the delivery would be for nothing. Once each.
CREATE FUNCTION hide_deliveries_v1(who uuid, everything boolean, trace text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hidden integer; old integer;
BEGIN
  PERFORM hold_reachability_v1(ARRAY[who]);
  WITH shown AS (
    SELECT d.*, d.settled_at + interval '48 h' AS too_late_at FROM deliveries d
    JOIN destinations t ON t.id = d.destination_id AND t.reachable
    WHERE d.recipient_id = who AND d.status = 'sent' AND EXISTS (SELECT FROM delivery_parts p WHERE p.delivery_id = d.id)
      AND (everything OR EXISTS (SELECT FROM demands dem WHERE dem.id = d.demand_id AND dem.status = 'closed'))
      AND NOT EXISTS (SELECT FROM deliveries o WHERE o.deletes = d.id AND o.supersedes IS NULL)),
  owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, message_id, notice, kind, deletes, expires_at, traceparent)
    SELECT destination_id, recipient_id, demand_id, message_id, CASE WHEN message_id IS NULL THEN notice END, 'delete', id,
      too_late_at, trace
    FROM shown WHERE too_late_at > now() ORDER BY position
    -- Asked for twice in one instant, neither sees what the other one owes.
    ON CONFLICT (deletes) WHERE deletes IS NOT NULL AND supersedes IS NULL DO NOTHING
    RETURNING destination_id),
  signalled AS (
    INSERT INTO outbox (subject, body, traceparent)
    SELECT DISTINCT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace FROM owed)
  SELECT (SELECT count(*) FROM owed), (SELECT count(*) FROM shown WHERE too_late_at <= now()) INTO hidden, old;
  RETURN json_build_object('count', hidden, 'too_old', old)::text;
END $$;
