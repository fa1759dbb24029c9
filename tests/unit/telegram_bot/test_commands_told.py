"""What the bot tells of what it knows fits into a message, however much there is."""

from msgspec.structs import replace

from contracts.kinds import MembershipState
from telegram_bot.utf16 import LIMIT, units
from unit.telegram_bot.talk import Talk


async def test_whoever_helps_in_many_places_reads_some_of_them_and_how_many_more_there_are() -> None:
    talk = Talk(demands=[])
    me = talk.api.replies["users.me"](None)
    one = replace(me.memberships[0], state=MembershipState.LIVE, resource="Ж" * 128)
    many = [replace(one, place=f"{number:03}" + "Щ" * 125) for number in range(80)]
    talk.answers("users.me", replace(me, memberships=many))
    await talk.hears({"text": "/whoami"})
    [told] = talk.said
    assert units(told) <= LIMIT
    assert "000Щ" in told
    assert "and 70 more" in told
    assert "at least 6 months" in told
