"""What is written into a request that is over: nobody gets it, and each is told what they can do instead."""

from contracts.demands import CloseDemand
from contracts.operations.demands import DEMANDS_CLOSE
from e2e.telegram_bot.pair import talking
from e2e.telegram_bot.town import Town
from world import World


async def test_only_who_asked_is_told_how_to_ask_again(town: Town, world: World) -> None:
    pair = await talking(town, world)
    await pair.nino.say("on my way")
    heard = await pair.olga.wait_for("on my way")
    await pair.olga.say("thank you")
    seen = await pair.nino.wait_for("thank you")
    await pair.call(pair.olga, DEMANDS_CLOSE, CloseDemand(demand=pair.demand.id, reason="fulfilled"))
    await pair.nino.wait_for("is closed: help was given")
    await pair.olga.say("the door is open", reply_to=heard.message_id)
    assert (await pair.olga.wait_for("was not passed on")).text.endswith("If you need help again, press /new.")
    await pair.nino.say("see you", reply_to=seen.message_id)
    assert "/new" not in (await pair.nino.wait_for("was not passed on")).text
    sent = "SELECT count(*) FROM messages WHERE text IN ('the door is open', 'see you')"
    assert await world.ledger.fetchval(sent) == 0
