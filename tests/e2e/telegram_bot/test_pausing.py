"""Breaks: as long as one says, told by the reader's own clock, and quiet nights."""

from datetime import UTC, datetime, timedelta

import pytest

from e2e.telegram_bot.town import Town
from world import Person as Known
from world import World


@pytest.mark.parametrize(("typed", "hours"), [("/pause 3", 3), ("/pause for 12 hours", 12), ("/pause 2h please", 2)])
async def test_a_break_lasts_as_long_as_one_says(town: Town, world: World, typed: str, hours: int) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    await world.assign(Known(world, nino.id, (await town.me(nino)).user.id), await world.scenario())
    await nino.say(typed)
    answers = [await nino.wait_for("You are on a break until")]
    ends = await world.ledger.fetch("SELECT paused_until FROM memberships")
    assert len(ends) == 2
    wanted = datetime.now(UTC) + timedelta(hours=hours)
    assert all(abs(row["paused_until"] - wanted) < timedelta(minutes=2) for row in ends)
    await world.demand(await world.person("Olga"), scenario)
    await nino.say("/next")
    answers.append(await nino.wait_for("so I do not give you requests"))
    await nino.say("/current")
    answers.append(await nino.wait_for("You are on a break until"))
    # Nobody told us their time zone: Telegram shows the end by their own clock.
    dated = [one for answer in answers for one in answer.message["entities"] if one["type"] == "date_time"]
    assert [one["unix_time"] for one in dated] == 3 * [int(ends[0]["paused_until"].timestamp())]
    await nino.press(answers[1], "I am back")
    await nino.wait_for("Welcome back!")
    await nino.say("/next")
    await nino.wait_for("You are helping now")
    await nino.say("/resume")
    await nino.wait_for("You are not on a break")


async def test_a_break_until_one_says_so_and_quiet_nights(town: Town, world: World) -> None:
    scenario = await world.scenario()
    nino = await town.person("Nino", provider=scenario)
    await nino.say("/pause")
    choices = await nino.wait_for("For how long?")
    assert choices.button_texts == ["1 hour", "Until tomorrow", "Until I say"]
    await nino.press(choices, "Until I say")
    await nino.wait_for("until you press /resume")
    await nino.say("/current")
    await nino.wait_for("You are on a break: /resume")
    await nino.say("/resume")
    await nino.wait_for("Welcome back!")
    await nino.say("/current")
    await nino.wait_for("You are free")

    await nino.say("/pause 22-8")
    zones = await nino.wait_for("What time is it where you are?")
    await nino.press(zones, "Tbilisi")
    await nino.wait_for("No alerts about new requests from 22:00 to 08:00 every day, by the clock of Tbilisi")
    user = (await town.me(nino)).user
    assert (user.quiet_from, user.quiet_to, user.time_zone) == (22 * 60, 8 * 60, "Asia/Tbilisi")
    await nino.say("/pause 0-0")
    await nino.wait_for("quiet hours are off")
    assert (await town.me(nino)).user.quiet_from is None
    await nino.say("/pause 23:30-7:15")
    await nino.wait_for("from 23:30 to 07:15")
