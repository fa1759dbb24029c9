-- What JetStream will never take, taken out of everybody's way with the reason; `facts.retry` is the way back.
CREATE TABLE outbox_parked (
  id bigint PRIMARY KEY,
  msg_id uuid NOT NULL,
  subject text NOT NULL,
  body jsonb NOT NULL,
  traceparent text NOT NULL,
  created_at timestamptz NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  reason text NOT NULL
);
