"""Rows about messages and their deliveries."""

from contracts.deliveries import (
    BeginDeliveries,
    Begun,
    DeliveryPage,
    Located,
    LocateDelivery,
    Retry,
    RetryDelivery,
    SearchDeliveries,
    Settled,
    SettleDeliveries,
)
from contracts.failures import AlreadyClosed, NotFound, WrongStatus
from contracts.kinds import ActorRule, Lane, Writes
from contracts.messages import (
    Edited,
    EditMessage,
    MessagePage,
    Noted,
    NoteMessage,
    Reacted,
    ReactToMessage,
    ReadMessages,
    ReadUpTo,
    SearchMessages,
    SendMessage,
    Sent,
    TakeBackMessage,
    TakenBack,
)
from contracts.operations.row import DESK, TELEGRAM, Operation

MESSAGES_SEND = Operation(
    "messages.send", SendMessage, Sent, (NotFound, WrongStatus, AlreadyClosed), writes=Writes.STORED
)
MESSAGES_EDIT = Operation("messages.edit", EditMessage, Edited, (NotFound,), writes=Writes.STORED)
MESSAGES_TAKE_BACK = Operation("messages.take_back", TakeBackMessage, TakenBack, (NotFound,), writes=Writes.STORED)
MESSAGES_REACT = Operation("messages.react", ReactToMessage, Reacted, (NotFound, AlreadyClosed), writes=Writes.STORED)
MESSAGES_READ = Operation("messages.read", ReadMessages, ReadUpTo, (NotFound,), writes=Writes.STORED)
MESSAGES_NOTE = Operation(
    "messages.note", NoteMessage, Noted, (NotFound, WrongStatus), lane=Lane.STAFF, writes=Writes.STORED
)
MESSAGES_SEARCH = Operation("messages.search", SearchMessages, MessagePage, (NotFound,))

DELIVERIES_BEGIN = Operation(
    "deliveries.begin", BeginDeliveries, Begun, callers=TELEGRAM, actor=ActorRule.NONE, writes=Writes.UNSTORED
)
DELIVERIES_SETTLE = Operation(
    "deliveries.settle", SettleDeliveries, Settled, callers=TELEGRAM, actor=ActorRule.NONE, writes=Writes.UNSTORED
)
DELIVERIES_LOCATE = Operation("deliveries.locate", LocateDelivery, Located, callers=TELEGRAM, actor=ActorRule.NONE)

DELIVERIES_SEARCH = Operation("deliveries.search", SearchDeliveries, DeliveryPage, callers=DESK, lane=Lane.STAFF)
DELIVERIES_RETRY = Operation(
    "deliveries.retry", RetryDelivery, Retry, (NotFound,), DESK, lane=Lane.STAFF, writes=Writes.STORED
)

MESSAGES = (
    MESSAGES_SEND,
    MESSAGES_EDIT,
    MESSAGES_TAKE_BACK,
    MESSAGES_REACT,
    MESSAGES_SEARCH,
    MESSAGES_READ,
    MESSAGES_NOTE,
)
DELIVERIES = (
    DELIVERIES_BEGIN,
    DELIVERIES_SETTLE,
    DELIVERIES_LOCATE,
    DELIVERIES_SEARCH,
    DELIVERIES_RETRY,
)
