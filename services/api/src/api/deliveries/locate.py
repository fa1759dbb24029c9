"""Which message a chat's message is."""

from sqlalchemy import text

from api.call import Call
from contracts.deliveries import Located, LocateDelivery

# A topic is one only while the demand's present scenario is mirrored into its group: what is said there afterwards, and what
# was said there before, is the group's own.
LOCATE = text("""
    SELECT json_build_object('demand', CASE WHEN shown.here THEN found.demand_id END,
      'message', CASE WHEN shown.here THEN found.message_id END, 'is_own', found.is_own, 'is_over', NOT shown.here,
      'kind', CASE WHEN shown.here THEN line.kind END, 'audience', CASE WHEN shown.here THEN line.audience END,
      'notice', CASE WHEN shown.here THEN coalesce(line.notice, found.notice) END)::text
    FROM destinations t CROSS JOIN LATERAL (
      SELECT d.demand_id, d.message_id, false AS is_own, d.notice
      FROM delivery_parts p JOIN deliveries d ON d.id = p.delivery_id
      WHERE p.destination_id = t.id AND p.channel_message_id = :channel_message_id
      UNION ALL
      SELECT m.demand_id, m.id, true, NULL
      FROM message_origins o JOIN messages m ON m.id = o.message_id
      WHERE o.destination_id = t.id AND o.channel_message_id = :channel_message_id
      UNION ALL
      SELECT c.demand_id, NULL, false, NULL FROM conversations c WHERE c.topic = t.id) AS found
    LEFT JOIN messages line ON line.id = found.message_id
    CROSS JOIN LATERAL (
      SELECT t.chat_id IS NULL OR EXISTS (SELECT FROM demands d JOIN staff_chats s ON s.scenario_id = d.scenario_id
        WHERE d.id = found.demand_id AND s.destination_id = t.chat_id AND s.topics) AS here) AS shown
    WHERE t.channel = 'telegram' AND t.address = :address ORDER BY found.message_id IS NULL LIMIT 1
""")


async def locate_delivery(call: Call, request: LocateDelivery) -> Located:
    """The demand and message behind a chat's message; an empty answer for a message that is none of ours.

    Whatever is said in a topic that mirrors a conversation is about its demand; nothing in one that mirrors it no more.
    """
    found = await call.one(LOCATE, Located, address=request.address, channel_message_id=request.channel_message_id)
    return found or Located()
