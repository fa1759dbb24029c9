"""What people say goes to the others in the right conversation, or we ask which one that is. Never to a wrong person.

For forms of other files that keep what somebody says and pass it on later: `written` makes plain JSON of any message that
may travel, `refusal` names the sentence for one that may not, `relay` sends what was kept.
"""

from telegram_bot.routers.relay.describing import remember_description
from telegram_bot.routers.relay.leftover import AlbumsFirst
from telegram_bot.routers.relay.refusing import refusal
from telegram_bot.routers.relay.revealing import revealed
from telegram_bot.routers.relay.saying import relayed_reply, router
from telegram_bot.routers.relay.sending import relay
from telegram_bot.routers.relay.where import locate
from telegram_bot.routers.relay.written import joined, written

__all__ = (
    "AlbumsFirst",
    "joined",
    "locate",
    "refusal",
    "relay",
    "relayed_reply",
    "remember_description",
    "revealed",
    "router",
    "written",
)
