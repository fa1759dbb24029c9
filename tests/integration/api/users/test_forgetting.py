"""Nothing is left of somebody forgotten: a whole life, looked for in every column of the ledger."""

import hashlib

import pytest

from chaos.api.crowd import contradictions
from contracts.accounts import ConfirmTotp, FinishLink, SignUp, StartLink, StartTotp
from contracts.attachments import WrittenAttachment, WrittenContact, WrittenVenue
from contracts.demand_life import FeedbackDemand
from contracts.demands import CloseDemand, CreateDemand, NextDemand, TakeDemand, UpdateDemand
from contracts.failures import NotSignedIn
from contracts.kinds import AttachmentKind, Decision
from contracts.messages import EditMessage, NoteMessage, ReactToMessage, SendMessage, WrittenEntity
from contracts.operations.demands import (
    DEMANDS_CLOSE,
    DEMANDS_CREATE,
    DEMANDS_FEEDBACK,
    DEMANDS_NEXT,
    DEMANDS_REPORT,
    DEMANDS_TAKE,
    DEMANDS_UPDATE,
    PARTICIPANTS_ADD,
    PARTICIPANTS_SHARE_CONTACT,
    REPORTS_RESOLVE,
)
from contracts.operations.messages import MESSAGES_EDIT, MESSAGES_NOTE, MESSAGES_REACT, MESSAGES_SEND
from contracts.operations.users import (
    USERS_ENTER,
    USERS_ERASE_ME,
    USERS_LINK_FINISH,
    USERS_LINK_START,
    USERS_ME,
    USERS_RESTRICT,
    USERS_SEARCH,
    USERS_SET_CAPACITY,
    USERS_SIGN_UP,
    USERS_TOTP_CONFIRM,
    USERS_TOTP_START,
    USERS_UPDATE_ME,
)
from contracts.own_data import EraseMe
from contracts.participants import AddParticipant, ShareContact
from contracts.people import RestrictUser, SearchUsers, SetCapacity
from contracts.reports import ReportDemand, ResolveReport
from contracts.users import EnterUser, GetMe, UpdateMe
from integration.api.town import receive, seated
from integration.api.users.authenticator import code_of
from integration.api.users.visitors import PASSWORD, Visitor, entered, everything_kept, new_login, somewhere
from world import OPERATOR, Person, World

ERASE = EraseMe(confirm="erase")
PHONE = "995555777111"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY c.relname
"""
# Where a life leaves words; each is shown to hold some before, so that an empty search afterwards means something.
PLACES = {
    "attachments.file_id", "attachments.name", "audit.detail", "deliveries.data", "delivery_parts.channel_message_id",
    "demand_versions.description", "demand_versions.payload", "demand_versions.title", "demands.description",
    "demands.payload", "demands.title", "demands.words", "destinations.address", "feedback.words",
    "identities.external_id", "identities.username", "idempotency.reply", "message_reactions.alias",
    "message_versions.contact", "message_versions.entities", "message_versions.text", "message_versions.venue",
    "messages.alias", "messages.contact", "messages.entities", "messages.text", "messages.venue", "participants.alias",
    "participants.shared_phone", "reports.note", "reports.reason", "users.alias", "users.display_name", "users.phone", "users.words",
}  # fmt: skip
DOORS = ("credentials", "recovery_codes", "guest_codes", "link_codes", "identities")


async def places_of(world: World, *needles: str) -> set[str]:
    """Which columns hold one of these words, in any table."""
    found: set[str] = set()
    for (table,) in await world.ledger.fetch(TABLES):
        rows = await world.ledger.fetch(
            f"""SELECT DISTINCT c.key FROM {table} t, jsonb_each_text(to_jsonb(t)) c, unnest($1::text[]) needle
                WHERE strpos(lower(c.value), lower(needle)) > 0""",  # noqa: S608 - names of the catalogue
            list(needles),
        )
        found |= {f"{table}.{column}" for (column,) in rows}
    return found


async def ways_in(world: World) -> tuple[Person, Visitor]:
    """Somebody by Telegram who was a guest before, and has an account with a second factor since."""
    (guest, _), person, scenario = await entered(world), await world.person("Canary name"), await world.scenario()
    await guest.call(USERS_UPDATE_ME, UpdateMe(display_name="Canary guest", alias="Canary guest"))
    asked = await guest.call(DEMANDS_CREATE, CreateDemand(scenario=scenario.id, description="Canary as a guest"))
    helper = await world.member(scenario)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=asked.id))
    code = (await person.call(USERS_LINK_START, StartLink())).code
    linked = await guest.call(USERS_LINK_FINISH, FinishLink(code=code))
    here = Visitor(world, linked.user.id, linked.token or "")
    made = await here.call(USERS_SIGN_UP, SignUp(source=somewhere(), login=f"canary-{new_login()}", password=PASSWORD))
    here = Visitor(world, made.user.id, made.token)
    secret = (await here.call(USERS_TOTP_START, StartTotp(password=PASSWORD))).secret
    await here.call(USERS_TOTP_CONFIRM, ConfirmTotp(code=code_of(secret, -1)))
    await here.call(USERS_LINK_START, StartLink(second_factor=code_of(secret)))
    request = EnterUser(display_name="Canary name", username="canary_handle")
    await world.bot.call(USERS_ENTER, request, actor=person.actor)
    await person.call(USERS_UPDATE_ME, UpdateMe(phone=f"+{PHONE}", alias="Canary alias"))
    return person, here


async def asks(world: World, person: Person) -> None:
    """One demand to its end with words of thanks and a report, one in somebody's hands and changed twice, one waiting."""
    own = await world.scenario()
    helper, moderator = await world.member(own), await world.member(own, "moderator")
    request = CreateDemand(scenario=own.id, title="Canary title", description="Canary words", payload={"x": "Canary"})
    over = await person.call(DEMANDS_CREATE, request)
    await helper.call(DEMANDS_TAKE, TakeDemand(demand=over.id))
    report = await person.call(DEMANDS_REPORT, ReportDemand(demand=over.id, reason="Canary is afraid"))
    resolve = ResolveReport(report=report.id, decision=Decision.ACTED, note="Canary was right")
    await moderator.call(REPORTS_RESOLVE, resolve)
    await person.call(DEMANDS_CLOSE, CloseDemand(demand=over.id))
    await person.call(DEMANDS_FEEDBACK, FeedbackDemand(demand=over.id, helped=True, words="Canary thanks"))
    for _ in range(2):
        await person.call(DEMANDS_CREATE, request)
    held = await helper.call(DEMANDS_NEXT, NextDemand())
    await person.call(DEMANDS_UPDATE, UpdateDemand(demand=held.id, version=2, title="Canary newer"))
    await moderator.call(DEMANDS_UPDATE, UpdateDemand(demand=held.id, version=3, description="Canary, said staff"))
    await receive(helper)


async def helps(world: World, person: Person) -> None:
    """Words of every sort in a demand of others, and in another one what a moderator writes."""
    at, elsewhere = await seated(world), await seated(world)
    await at.provider.call(MESSAGES_SEND, SendMessage(demand=at.demand, text="first"))
    await world.operator.call(USERS_SET_CAPACITY, SetCapacity(user=person.user, capacity=3), actor=OPERATOR)
    for scenario, kind in ((at.scenario, "provider"), (elsewhere.scenario, "moderator")):
        await world.assign(person, scenario, kind)
    demand = (await world.demand(at.requester, at.scenario)).id
    await person.call(DEMANDS_TAKE, TakeDemand(demand=demand))
    link = WrittenEntity(type="text_link", offset=0, length=6, url="https://canary.example")
    said = await person.call(
        MESSAGES_SEND,
        SendMessage(
            demand=demand, text="Canary one", entities=[link], contact=WrittenContact(phone=f"+{PHONE}"),
            venue=WrittenVenue(latitude=1, longitude=2, title="Canary house", address="Canary street"),
            attachments=[WrittenAttachment(kind=AttachmentKind.PHOTO, file_id="canary-file", name="canary.jpg")],
        ),
    )  # fmt: skip
    heard = await at.requester.call(MESSAGES_SEND, SendMessage(demand=demand, text="thanks"))
    await person.call(MESSAGES_REACT, ReactToMessage(demand=demand, message=heard.id, emoji="👍"))
    edit = EditMessage(demand=demand, message=said.id, text="Canary two", entities=[link])
    await person.call(MESSAGES_EDIT, edit)
    await receive(at.requester)
    await receive(person)
    await person.call(MESSAGES_SEND, SendMessage(demand=demand, text="Canary still on its way"))
    await person.call(PARTICIPANTS_SHARE_CONTACT, ShareContact(demand=demand))
    report = await elsewhere.requester.call(DEMANDS_REPORT, ReportDemand(demand=elsewhere.demand, reason="rude"))
    request = AddParticipant(demand=elsewhere.demand, user=person.user)
    await elsewhere.moderator.call(PARTICIPANTS_ADD, request)
    await person.call(MESSAGES_NOTE, NoteMessage(demand=elsewhere.demand, text="Canary wonders"))
    resolve = ResolveReport(report=report.id, decision=Decision.ACTED, note="Canary decided")
    await person.call(REPORTS_RESOLVE, resolve)
    request = RestrictUser(user=person.user, reason="Canary did not come")
    await world.operator.call(USERS_RESTRICT, request, actor=OPERATOR)


async def test_nothing_is_left_of_somebody_forgotten_but_ids(world: World) -> None:
    person, here = await ways_in(world)
    await asks(world, person)
    await helps(world, person)
    needles = ("canary", PHONE, str(person.telegram_id))
    # What a chat calls its messages says in which chat they were.
    await world.ledger.execute(
        """UPDATE delivery_parts p SET channel_message_id = 'canary-' || channel_message_id FROM destinations t
           WHERE t.id = p.destination_id AND t.address = $1""",
        str(person.telegram_id),
    )
    before = await places_of(world, *needles)
    assert before >= PLACES, PLACES - before
    for table in set(DOORS) - {"guest_codes"}:
        assert await doors(world, table, person), table
    session = hashlib.sha256(here.token.encode()).hexdigest()
    assert session in await everything_kept(world)

    erased = await person.call(USERS_ERASE_ME, ERASE)
    assert (erased.closed, erased.requeued) == (3, 1)
    assert await places_of(world, *needles) == set()
    assert [table for table in DOORS if await doors(world, table, person)] == []
    assert session not in await everything_kept(world)
    for call in (person.call(USERS_ME, GetMe()), here.call(USERS_ME, GetMe())):
        with pytest.raises(NotSignedIn):
            await call
    assert await world.ledger.fetchval("SELECT count(*) FROM messages WHERE author_id = $1", person.user) >= 4
    assert await world.ledger.fetchval("SELECT count(*) FROM demands WHERE close_reason = 'cancelled'") == 3
    assert await world.ledger.fetchval("SELECT min(version) FROM demand_versions") == 2, (
        "that it was changed stays known"
    )
    found = await world.operator.call(USERS_SEARCH, SearchUsers(limit=100), actor=OPERATOR)
    assert person.user not in [line.id for line in found.items]
    assert await contradictions(world.ledger) == []


async def doors(world: World, table: str, person: Person) -> int:
    """How many rows of a table lead to somebody."""
    count: int = await world.ledger.fetchval(f"SELECT count(*) FROM {table} WHERE user_id = $1", person.user)  # noqa: S608
    return count
