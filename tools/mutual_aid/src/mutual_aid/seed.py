"""People and kinds of help to try everything with: made up, shown in the simulator, put into an empty ledger once."""

from dataclasses import dataclass

from contracts.client import Client
from contracts.failures import AlreadyExists, Failure
from contracts.kinds import Caller, MembershipKind
from contracts.memberships import AssignMembership
from contracts.operations.scenarios import MEMBERSHIPS_ASSIGN, SCENARIOS_COUNT, SCENARIOS_CREATE
from contracts.operations.users import USERS_ENTER
from contracts.scenarios import CountScenarios, CreateScenario
from contracts.shapes import ScenarioId, UserId
from contracts.users import EnterUser
from mutual_aid.stack.figures import client, operator
from mutual_aid.stack.record import Record
from mutual_aid.trouble import Trouble
from telegram_simulator.client import Simulator
from telegram_simulator.refusals import ControlError


@dataclass(frozen=True)
class Character:
    """Somebody made up; `kind` is what they are in every scenario, None for one who only asks."""

    id: int
    first_name: str
    label: str
    kind: MembershipKind | None


@dataclass(frozen=True)
class Help:
    """A scenario to begin with."""

    place: str
    resource: str
    description: str


CAST = (
    Character(700_000_001, "Olena", "asks for help", None),
    Character(700_000_002, "Daniel", "volunteer", MembershipKind.PROVIDER),
    Character(700_000_003, "Marta", "moderator", MembershipKind.MODERATOR),
)
SCENARIOS = (
    Help("Riverside", "Medicine", "Prescriptions picked up and brought to the door, first-aid supplies."),
    Help("Riverside", "Food and water", "Groceries, hot meals and drinking water for those who cannot go out."),
    Help("Old Town", "Medicine", "Prescriptions picked up and brought to the door, first-aid supplies."),
    Help("Old Town", "A ride", "To a doctor, to the station, out of a flooded street."),
    Help("Hillside", "A place to sleep", "A bed for a night or a week, pets welcome where we can."),
    Help("Hillside", "Heat and power", "Blankets, stoves, power banks, somebody who can look at the boiler."),
)


@dataclass(frozen=True)
class Seeded:
    """What seeding did: how many people are new in the simulator, how many scenarios in the ledger."""

    people: int
    scenarios: int


async def seed(record: Record) -> Seeded:
    """Put the demo people into the simulator and, if the ledger has no scenario yet, the scenarios with their members.

    Safe to repeat. Raises Trouble when the stack has no simulator, or the api or simulator refuses.
    """
    if not record.page:
        raise Trouble("seed", "this stack has real Telegram behind it", "Demo people live in the simulator only.")
    try:
        newcomers = await _enter_simulator(record.page)
        users = await enter(record.environment, {one.id: one.first_name for one in CAST})
        async with client(record.environment) as api:
            made = await _fill(api, users)
    except (Failure, ControlError) as refusal:
        raise Trouble("seed", str(refusal), "See the api's log, then run `mutual-aid seed` again.") from refusal
    return Seeded(newcomers, made)


async def _enter_simulator(page: str) -> int:
    """Make everybody who is missing and let them press Start, so that the bot may write to them."""
    async with Simulator(page) as simulator:
        there = {facts.id for facts in await simulator.people()}
        missing = [one for one in CAST if one.id not in there]
        for one in missing:
            person = await simulator.person(one.first_name, id=one.id, language_code="en", label=one.label)
            await person.start()
    return len(missing)


async def enter(environment: dict[str, str], people: dict[int, str]) -> dict[int, UserId]:
    """The user behind each Telegram id, made with the first name given here if nobody knows them yet.

    Speaks as the bot would, with the bot's key: the operator owns the machine.
    """
    async with client(environment, Caller.TELEGRAM) as bot:
        return {
            number: (await bot.call(USERS_ENTER, EnterUser(display_name=name), actor=f"telegram:{number}")).user.id
            for number, name in people.items()
        }


async def _fill(api: Client, users: dict[int, UserId]) -> int:
    if (await api.call(SCENARIOS_COUNT, CountScenarios(), actor=operator())).count:
        return 0
    made = 0
    for wanted in SCENARIOS:
        request = CreateScenario(place=wanted.place, resource=wanted.resource, description=wanted.description)
        try:
            scenario = await api.call(SCENARIOS_CREATE, request, actor=operator())
        except AlreadyExists:
            continue  # somebody seeds at the same time
        made += 1
        for one in CAST:
            if one.kind is not None:
                await assign(api, users[one.id], scenario.id, one.kind)
    return made


async def assign(api: Client, user: UserId, scenario: ScenarioId, kind: MembershipKind) -> None:
    """Make a user a provider or moderator of a scenario."""
    request = AssignMembership(user=user, scenario=scenario, kind=kind)
    await api.call(MEMBERSHIPS_ASSIGN, request, actor=operator())
