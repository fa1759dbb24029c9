"""What moderators do from a card."""

from dataclasses import dataclass

from contracts.demands import DeclineDemand, TakeDemand
from contracts.operations.demands import DEMANDS_DECLINE, DEMANDS_TAKE
from e2e.telegram_bot.staff_chat import Group, group_of
from e2e.telegram_bot.town import Town
from telegram_simulator import Person, Seen
from world import Person as Known
from world import World, until


@dataclass
class Held:
    """A demand held by Nino, and its card in a group of Marta, the moderator, and the helpers Nino and Taras."""

    group: Group
    number: str
    card: Seen
    marta: Person
    nino: Person
    taras: Person
    olga: Person

    async def more(self, button: str) -> str:
        """What Marta is told for a button behind More."""
        await self.group.presses(self.marta, self.card, "More…")
        return await self.group.presses(self.marta, self.card, button)

    async def handed_back(self, world: World) -> None:
        """Nino says no to it."""
        demand = await world.ledger.fetchval("SELECT id FROM demands")
        await world.bot.call(DEMANDS_DECLINE, DeclineDemand(demand=demand), actor=f"telegram:{self.nino.id}")


async def held(town: Town, world: World) -> Held:
    scenario = await world.scenario("Saburtalo", "Insulin")
    marta = await town.person("Marta", moderator=scenario)
    nino, taras = await town.person("Nino", provider=scenario), await town.person("Taras", provider=scenario)
    olga = await town.person("Olga")
    group = await group_of(town, marta, nino, taras)
    await group.bind(scenario)
    number = await town.asks(olga, scenario, "insulin")
    card = await group.sees(marta, f"№{number}")
    await group.presses(nino, card, "🤝 Take")
    await group.sees(marta, "is helping", edited=True)
    return Held(group, number, card, marta, nino, taras, olga)


async def holder(world: World) -> object:
    return await world.ledger.fetchval("SELECT provider_id FROM demands")


async def test_joining_and_what_others_may_not(town: Town, world: World) -> None:
    at = await held(town, world)
    assert "Only coordinators" in await at.group.presses(at.nino, at.card, "More…")
    assert "You joined" in await at.more("Join")
    await at.marta.wait_for("You joined as a coordinator")
    await at.olga.wait_for("A coordinator joined")
    assert (await at.group.card(at.marta, at.number)).button_texts == ["More…"]
    assert "already" in await at.more("Join")


async def test_taking_over_and_handing_on(town: Town, world: World) -> None:
    at = await held(town, world)
    assert "is yours" in await at.more("Take over")
    await at.nino.wait_for("gave №")
    assert await holder(world) == (await town.me(at.marta)).user.id
    alias = await world.ledger.fetchval("SELECT alias FROM participants WHERE role = 'provider' AND left_at IS NULL")
    await at.group.sees(at.marta, f"{alias} is helping", edited=True)
    assert "in our private chat" in await at.more("Hand over…")
    which = await at.marta.wait_for("Who takes")
    assert which.button_texts == ["Nino · 0/1", "Taras · 0/1"]
    # An urgency, a correction: whatever it is, the list was made for how it stood before.
    await at.more("Urgency…")
    await at.group.presses(at.marta, at.card, "Very urgent")
    await at.group.sees(at.marta, "Very urgent", edited=True)
    await at.marta.press(which, "Taras · 0/1", seconds=30)
    await at.marta.wait_for("has changed meanwhile, so I did nothing. It is now: being helped")
    assert await holder(world) == (await town.me(at.marta)).user.id
    assert "in our private chat" in await at.more("Hand over…")
    which = await at.marta.wait_for("Who takes")
    assert not any("Taras" in text for text in (await at.marta.look(chat=at.group.chat)).texts), "names stay in private"
    await at.marta.press(which, "Taras · 0/1", seconds=30)
    await at.marta.wait_for("is handed on", edited=True)
    await at.taras.wait_for("A coordinator asks you to help")
    assert await holder(world) == (await town.me(at.taras)).user.id


async def test_why_a_helper_cannot_is_told_to_nobody_else(town: Town, world: World) -> None:
    at = await held(town, world)
    assert "in our private chat" in await at.more("Hand over…")
    which = await at.marta.wait_for("Who takes")
    elsewhere = await world.scenario("Vake", "Food")
    await world.assign(Known(world, at.taras.id, (await town.me(at.taras)).user.id), elsewhere)
    theirs = await world.demand(await world.person(), elsewhere)
    await world.bot.call(DEMANDS_TAKE, TakeDemand(demand=theirs.id), actor=f"telegram:{at.taras.id}")
    await at.marta.press(which, "Taras · 0/1", seconds=30)
    told = await at.marta.wait_for(f"This helper cannot take №{at.number} right now", edited=True)
    assert told.button_texts == ["Nino · 1/1"], "whoever cannot is not offered again"
    read = "\n".join((await at.marta.look()).texts)
    assert theirs.number not in read
    assert "You are helping" not in read
    assert await holder(world) == (await town.me(at.nino)).user.id
    await at.handed_back(world)
    await at.marta.press(told, "Nino · 1/1", seconds=30)
    await at.marta.wait_for("has changed meanwhile")


async def test_how_urgent_it_is_and_its_end(town: Town, world: World) -> None:
    at = await held(town, world)
    await at.more("Urgency…")
    await at.group.presses(at.marta, at.card, "Very urgent")
    await at.group.sees(at.marta, "Very urgent", edited=True)
    await at.more("Close…")
    assert "is closed" in await at.group.presses(at.marta, at.card, "Another reason")
    over = await at.group.sees(at.marta, "Closed by a coordinator", edited=True)
    assert over.button_texts == []
    await at.olga.wait_for("A coordinator closed")


async def test_a_helper_gets_a_break_and_those_who_said_no_another_chance(town: Town, world: World) -> None:
    at = await held(town, world)
    await at.more("Give a break…")
    told = await at.group.presses(at.marta, at.card, "For a day")
    alias = await world.ledger.fetchval("SELECT alias FROM participants WHERE role = 'provider'")
    assert told.startswith(f"{alias} has a break for a day")
    assert await world.ledger.fetchval(
        "SELECT paused_until BETWEEN now() + interval '23 h' AND now() + interval '25 h' FROM memberships WHERE user_id = $1",
        (await town.me(at.nino)).user.id,
    )
    await at.nino.wait_for("gave you a break")
    await at.handed_back(world)
    await at.group.sees(at.marta, "Waiting", edited=True)
    assert "is yours" not in await at.group.presses(at.nino, at.card, "🤝 Take")
    assert "1 helper" in await at.more("Forget refusals")
    assert "is yours" in await at.group.presses(at.nino, at.card, "🤝 Take")


async def test_buttons_of_what_was_before_do_nothing(town: Town, world: World) -> None:
    at = await held(town, world)
    await at.more("Close…")
    await town.simulator.fault(
        "answer", method="editMessageText", chat_id=at.group.chat, code=400, description="Bad Request: no"
    )
    await at.handed_back(world)
    await until(lambda: world.ledger.fetchval("SELECT true FROM deliveries WHERE kind = 'card' AND status = 'refused'"))
    assert "changed meanwhile" in await at.group.presses(at.marta, at.card, "Another reason")
    assert await world.ledger.fetchval("SELECT status FROM demands") == "waiting"
    assert "Give a break…" not in (await at.group.card(at.marta, at.number)).button_texts
