"""How many people a search would find."""

from sqlalchemy import text

from api.call import Call
from api.users.search import MATCHES, wanted
from api.users.standing import require_moderator
from contracts.people import CountUsers
from contracts.shapes import Count

COUNT = text(f"SELECT count(*) FROM users u WHERE {MATCHES}")  # noqa: S608 - a constant of the search


async def count_users(call: Call, request: CountUsers) -> Count:
    """The number of people on all pages of the same search together."""
    await require_moderator(call)
    return Count(count=await call.value(COUNT, **wanted(call, request)))
