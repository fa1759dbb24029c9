"""Asking about what is said, and what chats are owed of it."""

from contracts.deliveries import (
    BeginDeliveries,
    LocateDelivery,
    Result,
    RetryDelivery,
    SearchDeliveries,
    SettleDeliveries,
)
from contracts.facts import RetryFact, SearchFacts
from contracts.failures import NotFound
from contracts.kinds import SendOutcome
from contracts.messages import (
    EditMessage,
    NoteMessage,
    ReactToMessage,
    ReadMessages,
    SearchMessages,
    SendMessage,
    TakeBackMessage,
)
from integration.api.matrix.entry import NIL, Entry, N

OF_MESSAGES: tuple[Entry, ...] = (
    Entry("messages.send", lambda at: SendMessage(demand=at.demand, text="Words")),
    Entry("messages.search", lambda at: SearchMessages(demand=at.demand)),
    Entry("deliveries.begin", lambda at: BeginDeliveries(destinations=[at.chat]), N, viewer="provider"),
    Entry("deliveries.settle", lambda _: SettleDeliveries(results=[Result(delivery=NIL, attempt=1, outcome=SendOutcome.SENT)]), N),
    Entry("deliveries.locate", lambda _: LocateDelivery(address="1", channel_message_id="1"), N),
    Entry("messages.edit", lambda at: EditMessage(demand=at.demand, message=at.message, text="x"), author="requester"),
    Entry("messages.take_back", lambda at: TakeBackMessage(demand=at.demand, message=at.message), author="requester"),
    Entry("messages.react", lambda at: ReactToMessage(demand=at.demand, message=at.message, emoji="👍"), keeps=True),
    Entry("messages.read", lambda at: ReadMessages(demand=at.demand, seq=1), keeps=True),
    Entry("messages.note", lambda at: NoteMessage(demand=at.demand, text="x"), keeps=True),
    Entry("deliveries.search", lambda at: SearchDeliveries(demand=at.demand), N),
    Entry("deliveries.retry", lambda at: RetryDelivery(delivery=at.delivery), N, keeps=True),
    Entry("facts.search", lambda _: SearchFacts(), N),
    Entry("facts.retry", lambda _: RetryFact(fact=NIL), N, may=(NotFound,), keeps=True),
)  # fmt: skip
