-- Alerts: a waiting demand shown to providers who could take it, and brought up to date where it was shown.

-- What has become of a demand, as far as it concerns this provider (`contracts.kinds.OfferState`).
CREATE FUNCTION offer_state_v1(dem uuid, who uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE d.status WHEN 'closed' THEN 'closed' WHEN 'held' THEN CASE WHEN d.provider_id = who THEN 'yours' ELSE 'taken' END WHEN 'waiting' THEN
    CASE WHEN d.requester_id <> who AND EXISTS (SELECT FROM memberships m WHERE m.user_id = who AND m.kind = 'provider'
        AND m.state = 'live' AND m.scenario_id = d.scenario_id)
      AND NOT EXISTS (SELECT FROM participants p WHERE p.demand_id = d.id AND p.user_id = who AND p.skips)
    THEN 'open' ELSE 'over' END ELSE 'over' END
  FROM demands d WHERE d.id = dem
$$;

-- Whether it is quiet for somebody: between the two minutes of their day, over midnight where the first is the later one. By
-- the world's clock where they named none, or one that this PostgreSQL does not know.
CREATE FUNCTION is_quiet_v1(who uuid, at timestamptz DEFAULT now()) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE they users; shown timestamp; minute integer;
BEGIN
  SELECT u.* INTO they FROM users u WHERE u.id = who AND u.quiet_from IS NOT NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  BEGIN
    shown := at AT TIME ZONE coalesce(they.time_zone, 'UTC');
  EXCEPTION WHEN invalid_parameter_value THEN
    shown := at AT TIME ZONE 'UTC';
  END;
  minute := extract(hour FROM shown) * 60 + extract(minute FROM shown);
  RETURN CASE WHEN they.quiet_from < they.quiet_to THEN minute >= they.quiet_from AND minute < they.quiet_to
    ELSE minute >= they.quiet_from OR minute < they.quiet_to END;
END $$;

-- An alert is new only while it can be taken, and by somebody who is there; where one was shown, what became of it may be.
CREATE FUNCTION may_be_offered_v1(owed deliveries) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN owed.kind = 'card' THEN EXISTS (SELECT FROM targets_of_v1(owed))
    ELSE offer_state_v1(owed.demand_id, owed.recipient_id) = 'open' AND NOT is_quiet_v1(owed.recipient_id) AND NOT EXISTS (
      SELECT FROM demands d JOIN memberships m ON m.scenario_id = d.scenario_id AND m.kind = 'provider'
      WHERE d.id = owed.demand_id AND m.user_id = owed.recipient_id AND m.paused_until > now()) END
$$;

-- The data of an alert as `contracts.waiting_notices.Offered`; its words only for whoever may still take it.
CREATE FUNCTION offered_v1(dem uuid, who uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('state', o.state, 'number', d.number, 'place', s.place, 'resource', s.resource,
    'urgency', d.urgency, 'language', u.locale,
    'minutes', greatest(0, floor(extract(epoch FROM now() - d.submitted_at) / 60))::integer,
    'title', CASE WHEN o.state = 'open' THEN d.title ELSE '' END,
    'description', CASE WHEN o.state = 'open' THEN d.description ELSE '' END)
  FROM demands d JOIN scenarios s ON s.id = d.scenario_id JOIN users u ON u.id = d.requester_id
  CROSS JOIN LATERAL (SELECT offer_state_v1(d.id, who) AS state) o
  WHERE d.id = dem
$$;

-- Owe an alert to these people, but those for whom it is quiet: the next one finds them again afterwards. Whether each may
-- still be given it is looked at again when its turn comes. It is dropped where it has not gone out after `lasts`. Returns
-- how many people it will reach.
CREATE FUNCTION owe_offer_v1(dem uuid, people uuid[], lasts interval, trace text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE reached integer := owe_v1(ARRAY(SELECT p.id FROM unnest(people) WITH ORDINALITY p (id, at) WHERE NOT is_quiet_v1(p.id) ORDER BY p.at), dem, NULL, 'offered', '{}', trace);
BEGIN
  UPDATE deliveries d SET expires_at = now() + lasts
  WHERE d.demand_id = dem AND d.notice = 'offered' AND d.kind = 'send' AND d.status = 'pending' AND d.expires_at IS NULL;
  RETURN reached;
END $$;

-- Bring every alert to this demand up to date: what was shown is edited, what is about to be follows the showing. One change
-- at a time for each alert, as what it says is read when it is sent. Nobody alerted costs one look into an index.
CREATE FUNCTION offers_changed_v1(dem uuid, trace text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM deliveries d WHERE d.demand_id = dem AND d.notice = 'offered') THEN RETURN; END IF;
  PERFORM hold_reachability_v1(ARRAY(SELECT d.recipient_id FROM deliveries d WHERE d.demand_id = dem AND d.notice = 'offered'));
  WITH owed AS (
    INSERT INTO deliveries (destination_id, recipient_id, demand_id, notice, kind, supersedes, traceparent)
    SELECT d.destination_id, d.recipient_id, dem, 'offered', 'card', d.id, trace
    FROM deliveries d JOIN destinations t ON t.id = d.destination_id AND t.reachable
    WHERE d.demand_id = dem AND d.notice = 'offered' AND d.status IN ('sending', 'sent')
      AND NOT EXISTS (SELECT FROM deliveries l WHERE l.supersedes = d.id)
    ORDER BY d.position
    RETURNING destination_id)
  INSERT INTO outbox (subject, body, traceparent)
  SELECT DISTINCT 'notify.v1.telegram.' || destination_id, jsonb_build_object('destination', destination_id), trace FROM owed;
END $$;
