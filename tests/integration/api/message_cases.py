"""More cases of operations that keep their answer: those of what people say and of what their chats are owed."""

from collections.abc import Awaitable, Callable

from contracts.deliveries import RetryDelivery
from contracts.messages import EditMessage, NoteMessage, ReactToMessage, ReadMessages, SendMessage, TakeBackMessage
from contracts.shapes import MessageId
from integration.api.case import Case, by, by_operator
from integration.api.town import Seated, seated
from world import World


async def writing(world: World) -> Case:
    at = await seated(world)
    request, other = (SendMessage(demand=at.demand, text=words) for words in ("Иду", "Уже"))
    return by(at.provider, "messages.send", request, other)


async def said(at: Seated, text: str = "Иду") -> MessageId:
    return (await by(at.provider, "messages.send", SendMessage(demand=at.demand, text=text), None).ask()).id  # type: ignore[no-any-return]


async def editing(world: World) -> Case:
    at = await seated(world)
    message = await said(at)
    request, other = (EditMessage(demand=at.demand, message=message, text=words) for words in ("Еду", "Стою"))
    return by(at.provider, "messages.edit", request, other)


async def taking_back(world: World) -> Case:
    at = await seated(world)
    request, other = [TakeBackMessage(demand=at.demand, message=await said(at)) for _ in range(2)]
    return by(at.provider, "messages.take_back", request, other)


async def reacting(world: World) -> Case:
    at = await seated(world)
    message = await said(at)
    request, other = (ReactToMessage(demand=at.demand, message=message, emoji=emoji) for emoji in ("🙏", "👍"))
    return by(at.requester, "messages.react", request, other)


async def reading(world: World) -> Case:
    at = await seated(world)
    return by(
        at.requester, "messages.read", ReadMessages(demand=at.demand, seq=1), ReadMessages(demand=at.demand, seq=0)
    )


async def noting(world: World) -> Case:
    at = await seated(world)
    request, other = (NoteMessage(demand=at.demand, text=words) for words in ("Calm", "Calmer"))
    return by(at.moderator, "messages.note", request, other)


async def retrying(world: World) -> Case:
    at, more = await seated(world), await seated(world)
    failed = []
    for town in (at, more):
        await world.ledger.execute(
            "UPDATE deliveries SET status = 'parked', settled_at = now() WHERE demand_id = $1 AND notice = 'received'",
            town.demand,
        )
        failed.append(
            await world.ledger.fetchval(
                "SELECT id FROM deliveries WHERE demand_id = $1 AND status = 'parked'", town.demand
            )
        )
    request, other = (RetryDelivery(delivery=delivery) for delivery in failed)
    return by_operator(world, "deliveries.retry", request, other)


OF_MESSAGES: dict[str, Callable[[World], Awaitable[Case]]] = {
    "messages.send": writing,
    "messages.edit": editing,
    "messages.take_back": taking_back,
    "messages.react": reacting,
    "messages.read": reading,
    "messages.note": noting,
    "deliveries.retry": retrying,
}
