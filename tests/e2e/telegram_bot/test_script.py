"""One long day of four people in three languages, however the bot runs: polling, behind a webhook, and as two behind a proxy.

Every update is delivered a second time, and in the middle of each form the bot is killed and started again.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from e2e.telegram_bot.front import behind, front
from e2e.telegram_bot.staff_chat import Group, group_of
from e2e.telegram_bot.town import BotProcess, Town, made_town
from local_servers import Addresses, Servers
from ports import free_port
from telegram_simulator import Person, Seen
from world import made_world, until

LEAST = 40
PATIENT = 60.0  # s; a killed bot comes back within seconds of a processor, of which there may be a tenth
PHONE = "+995 555 12 34 56"


@asynccontextmanager
async def bots_of(mode: str, town: Town, folder: Path) -> AsyncIterator[list[BotProcess]]:
    """The bot at work in one of the modes."""
    if mode == "polling":
        bots = [BotProcess(town, folder, free_port())]
        await bots[0].start()
        yield bots
    else:
        async with front(*(free_port() for _ in range(2 if mode == "two" else 1))) as proxy:
            bots = []
            for port in proxy.taken:
                (folder / str(port)).mkdir()
                bots.append(BotProcess(town, folder / str(port), free_port(), **behind(proxy, port)))
            for bot in bots:
                await bot.start()
            yield bots
    for bot in bots:
        assert await bot.stop() == 0


@dataclass
class Script:
    """The steps of the day."""

    town: Town
    bots: list[BotProcess]
    number: str = ""
    steps: int = field(default=0)

    async def says(self, who: Person, text: str = "", **more: object) -> Seen:
        """Somebody writes; what the bot was told before is told to it once more."""
        await self._next()
        return await who.say(text, **more)  # type: ignore[arg-type]

    async def presses(self, who: Person, seen: Seen, button: str, *, chat: int = 0) -> str:
        """Somebody presses a button, which is answered; the same press once more does nothing more."""
        await self._next()
        wanted = next(text for text in seen.button_texts if button in text)
        answer = await who.press(seen, wanted, chat=chat, seconds=PATIENT)
        assert answer.answer is not None, f"{button} was not answered"
        return answer.answer.text

    async def sees(self, who: Person, words: str = "", **more: object) -> Seen:
        """The next message to somebody that says this."""
        return await who.wait_for(words, seconds=PATIENT, **more)  # type: ignore[arg-type]

    async def power_cut(self) -> None:
        """Every process of the bot is killed and comes back."""
        for bot in self.bots:
            await bot.kill()
            await bot.start()

    async def _next(self) -> None:
        if self.steps:
            await self.town.simulator.repeat_update()
        self.steps += 1


@pytest.mark.parametrize("mode", ["polling", "webhook", "two"])
async def test_a_day_of_four_people(servers: Addresses, broker: Servers, tmp_path: Path, mode: str) -> None:
    async with (
        made_world(servers, broker, delivery_lease_seconds=3) as world,
        made_town(world) as town,
        bots_of(mode, town, tmp_path) as bots,
    ):
        day = Script(town, bots)
        water = await world.scenario("Vake", "Water")
        await world.scenario("Isani", "Food")
        await world.scenario("Vake", "Food")
        marta = await town.person("Marta", moderator=water)
        nino = await town.person("Nino", provider=water)
        taras = await town.person("Тарас", language="uk")
        olga = await town.simulator.person("Ольга", language_code="ru")
        group = await group_of(town, marta, nino)
        await group.bind(water)

        day.number = await asks(day, olga)
        await offers_help(day, taras, marta)
        card = await group.sees(marta, f"№{day.number}")
        assert "is yours" in await day.presses(nino, card, "Take", chat=group.chat)
        await talk(day, olga, nino)
        await hands_back(day, olga, nino, group, marta)
        await another_helps(day, olga, taras, marta)
        await ends(day, olga, taras, group, marta)
        await asides(day, olga, nino)

        assert day.steps >= LEAST, f"{day.steps} steps"
        twice = "SELECT text FROM messages WHERE kind = 'message' GROUP BY text, author_id HAVING count(*) > 1 AND text <> ''"
        assert await world.ledger.fetch(twice) == []
        assert await world.ledger.fetchval("SELECT count(*) FROM demands") == 1
        assert await world.ledger.fetchval("SELECT count(*) FROM memberships WHERE kind = 'provider'") == 2
        assert await world.ledger.fetchval("SELECT count(*) FROM feedback") == 1
        for person in (olga, nino, taras):
            others = {one.id for one in (olga, nino, taras, marta)} - {person.id}
            shown = " ".join((await person.look()).texts)
            assert not any(str(one) in shown for one in others)


async def asks(day: Script, olga: Person) -> str:
    """From /start to the queue, with the power going out at each question."""
    await day.says(olga, "/start")
    await day.sees(olga, "Здравствуйте!")
    where = await day.sees(olga, "Где нужна помощь")
    await day.power_cut()
    await day.presses(olga, where, "Vake")
    what = await day.sees(olga, "Что вам нужно")
    await day.presses(olga, what, "Water")
    await day.sees(olga, "Vake · Water")
    await day.power_cut()
    await day.says(olga, "Воды нет третий день")
    await day.sees(olga, "Пока ничего не отправлено")
    await day.says(olga, "вот наш кран", kind="photo")
    card = await day.sees(olga, "И ещё 1 сообщение")
    await day.presses(olga, card, "Отправить")
    seen = await day.sees(olga, pattern="№[0-9A-Z]+")
    return seen.text.partition("№")[2].split()[0].rstrip(".:")


async def offers_help(day: Script, taras: Person, marta: Person) -> None:
    """Somebody wants to help, and a coordinator lets them in."""
    await day.says(taras, "/next")
    await day.presses(taras, await day.sees(taras, button="Хочу допомагати"), "Хочу допомагати")
    await day.presses(taras, await day.sees(taras, "Де ви могли б допомогти"), "Vake")
    which = await day.sees(taras, "Чим ви могли б допомогти")
    await day.power_cut()
    await day.presses(taras, which, "Water")
    await day.sees(taras, "координатор перегляне")
    told = await day.presses(marta, await day.sees(marta, "Somebody wants to help"), "Let them in")
    assert "they can help now" in told
    await day.sees(taras, "Тепер ви можете допомагати")


async def talk(day: Script, olga: Person, nino: Person) -> None:
    """Words, voices, answers, edits, reactions, second thoughts, both ways."""
    await day.sees(nino, "You are helping now")
    await day.sees(nino, "вот наш кран", kind="photo")
    await day.sees(olga, "готовы помочь")
    await day.says(nino, "I am on my way")
    coming = await day.sees(olga, "I am on my way")
    await day.says(olga, kind="voice", reply_to=coming.message_id)
    await day.sees(nino, kind="voice")
    said = await day.says(olga, "дом 6")
    house = await day.sees(nino, "дом 6")
    await olga.edit(said.message_id, "дом 9")
    day.steps += 1
    await day.sees(nino, "дом 9", edited=True)
    await nino.react(house.message_id, "👍")
    day.steps += 1

    async def reacted() -> bool:
        return bool(await day.town.simulator.journal(method="setMessageReaction", chat=str(olga.id)))

    await until(reacted, within=PATIENT)
    await day.says(olga, f"мой телефон {PHONE}")
    asked = await day.sees(olga, "Похоже, здесь номер телефона")
    assert not any(PHONE in text for text in (await nino.look()).texts)
    await day.power_cut()
    await day.presses(olga, asked, "Всё равно отправить")
    await day.sees(nino, PHONE)
    mistaken = await day.says(nino, "wrong chat, sorry")
    await day.sees(olga, "wrong chat, sorry")
    await day.says(nino, "/takeback", reply_to=mistaken.message_id)
    await day.sees(nino, "Taken back")
    await day.sees(olga, "wrong chat, sorry", deleted=True, after=0)


async def hands_back(day: Script, olga: Person, nino: Person, group: Group, marta: Person) -> None:
    """Done is said too early; then somebody else has to go on."""
    await day.says(nino, "/done")
    await day.presses(olga, await day.sees(olga, "Помощь дошла до вас?"), "Ещё нет")
    await day.sees(nino, "has not arrived yet")
    await day.says(nino, "/decline")
    await day.presses(nino, await day.sees(nino, button="Yes, hand it back"), "Yes, hand it back")
    await day.sees(nino, f"You handed №{day.number} back")
    await day.sees(olga, "Мы уже ищем другого")
    await group.sees(marta, "Waiting for a helper", edited=True)


async def another_helps(day: Script, olga: Person, taras: Person, marta: Person) -> None:
    """Somebody else takes it with all that was said, and a coordinator looks in."""
    await day.says(taras, "/next")
    taken = await day.sees(taras, "Ви взялися допомогти")
    await day.sees(taras, "вот наш кран", kind="photo")
    for words in ("I am on my way", "дом 9", PHONE):
        await day.sees(taras, words)
    assert not any("wrong chat" in text for text in (await taras.look()).texts)
    await day.presses(taras, taken, "Надіслати цю фразу")
    await day.sees(olga, "Помощник")
    await day.says(marta, f"/join {day.number}")
    await day.sees(marta, "You joined as a coordinator")
    await day.says(marta, f"/whisper {day.number} be kind")
    await day.sees(taras, "be kind")
    await day.says(marta, "/leave")
    await day.sees(marta, "You left")
    pinned = next(
        one for one in (await olga.look()).messages if any("Пожаловаться" in text for text in one.button_texts)
    )
    await day.presses(olga, pinned, "Пожаловаться")
    await day.sees(olga, "Что не так?")
    await day.power_cut()
    await day.says(olga, "долго едет")
    await day.sees(olga, "Координатор посмотрит")
    await day.presses(marta, await day.sees(marta, button="Nothing wrong"), "Nothing wrong")
    await day.sees(olga, "пока не стал вмешиваться")


async def ends(day: Script, olga: Person, taras: Person, group: Group, marta: Person) -> None:
    """Help arrives, and is thanked for."""
    await day.says(taras, "/done")
    await day.presses(olga, await day.sees(olga, "Помощь дошла до вас?"), "Да, дошла")
    over = await day.sees(olga, "закрыта")
    await day.sees(taras, "закрито")
    await group.sees(marta, "Closed: help was given", edited=True)
    await day.presses(olga, over, "Помогло")
    await day.sees(olga, "Я рад")
    await day.power_cut()
    await day.says(olga, "Вы нас спасли")
    await day.sees(olga, "я передал")
    await day.sees(taras, "Вы нас спасли")


async def asides(day: Script, olga: Person, nino: Person) -> None:
    """What else people do of an evening."""
    await day.says(nino, "/pause 3")
    await day.sees(nino, "You are on a break until")
    await day.says(nino, "/next")
    await day.sees(nino, "so I do not give you requests")
    await day.says(nino, "/resume")
    await day.sees(nino, "Welcome back")
    await day.says(olga, "/whoami")
    await day.sees(olga, "Язык: русский")
    await day.says(olga, "/language")
    await day.presses(olga, await day.sees(olga, button="Українська"), "Українська")
    await day.sees(olga, pattern="українською")
    await day.says(olga, "/nonsense")
    await day.sees(olga, "/help")
