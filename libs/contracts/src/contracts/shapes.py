"""The shapes every struct of the wire is made of: strict requests, tolerant replies, ids and bounded texts."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NewType
from uuid import UUID

import msgspec
from msgspec import Meta
from typing_extensions import dataclass_transform

UserId = NewType("UserId", UUID)
ScenarioId = NewType("ScenarioId", UUID)
DemandId = NewType("DemandId", UUID)
MessageId = NewType("MessageId", UUID)
DestinationId = NewType("DestinationId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
AttachmentId = NewType("AttachmentId", UUID)
ReportId = NewType("ReportId", UUID)
FactId = NewType("FactId", UUID)
SessionId = NewType("SessionId", UUID)

# Characters, not UTF-16 units: an emoji counts once here and twice for Telegram, whose own limit is the edge's to keep.
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Title = Annotated[str, Meta(max_length=200)]
LongText = Annotated[str, Meta(max_length=8192)]
Words = Annotated[str, Meta(min_length=1, max_length=8192)]
Query = Annotated[str, Meta(max_length=256)]
Reason = Annotated[str, Meta(max_length=500)]
# `$` alone would let a line end pass.
Locale = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)", max_length=35)]
Phone = Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{6,14}$(?!\n)")]  # E.164
TimeZone = Annotated[str, Meta(min_length=1, max_length=64)]  # an IANA name
MinuteOfDay = Annotated[int, Meta(ge=0, le=1439)]
Alias = Annotated[str, Meta(min_length=2, max_length=32)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=128)]
Version = Annotated[int, Meta(ge=1)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Offset = Annotated[int, Meta(ge=0, le=10_000)]
# Without a zone it would be whatever the clock of the machine that reads it says.
Moment = Annotated[datetime, Meta(tz=True)]
RoutingFactor = Annotated[float, Meta(ge=0, le=1_000_000_000)]
Payload = dict[str, Any]


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
    class Wire:
        """Anything that crosses the wire, as type checkers see it: frozen, and built by keyword only."""

        def __init_subclass__(cls, *, forbid_unknown_fields: bool = False, tag_field: str | None = None) -> None: ...

else:

    class WireShape(msgspec.StructMeta):
        """Frozen and by keyword only, said once: msgspec passes neither on to subclasses."""

        def __new__(mcs, name, bases, namespace, **options):  # noqa: ANN001, ANN003, ANN204 - checkers see Wire above
            """A struct type; `options` are msgspec's own."""
            return super().__new__(mcs, name, bases, namespace, **{"frozen": True, "kw_only": True, **options})

    class Wire(msgspec.Struct, metaclass=WireShape):
        """Anything that crosses the wire."""


class Request(Wire, forbid_unknown_fields=True):
    """What a caller asks; a field nobody knows is refused, so that a typing error never passes for a wish."""


class Reply(Wire):
    """What a caller gets; fields it does not know yet are ignored, so that services deploy apart."""


class Outcome(Reply, tag_field="type"):
    """One of several everyday answers, told apart by `type`."""


class Count(Reply):
    """How many there are; the same number as all pages of the search with the same filter together."""

    count: int


class Done(Reply):
    """It is so now; there is nothing more to say."""


class NotBuilt(Reply):
    """Stands in the table where an operation is promised by name and not built yet."""
