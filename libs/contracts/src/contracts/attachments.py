"""Attachments: what a message carries beside its words, as its channel knows it."""

from typing import Annotated

from msgspec import Meta

from contracts.kinds import AttachmentKind, AttachmentState
from contracts.shapes import AttachmentId, Phone, Reply, Request

Pixels = Annotated[int, Meta(ge=0, le=1_000_000)]
Bytes = Annotated[int, Meta(ge=0, le=2**42)]
Seconds = Annotated[int, Meta(ge=0, le=10_000_000)]
FileId = Annotated[str, Meta(min_length=1, max_length=256)]
FileName = Annotated[str, Meta(max_length=255)]
MediaType = Annotated[str, Meta(max_length=127)]
PlaceName = Annotated[str, Meta(max_length=256)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Metres = Annotated[float, Meta(ge=0, le=100_000)]


class WrittenAttachment(Request):
    """A file somebody sent in a channel: the channel's own id for it, and what it says of the file."""

    kind: AttachmentKind
    file_id: FileId
    unique_id: Annotated[str, Meta(max_length=128)] = ""
    name: FileName | None = None
    mime: MediaType | None = None
    size: Bytes | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    duration: Seconds | None = None


class WrittenLocation(Request):
    """A point somebody sent: degrees, and how exact it is in metres."""

    latitude: Latitude
    longitude: Longitude
    accuracy: Metres | None = None


class WrittenVenue(Request):
    """A place with a name somebody sent."""

    latitude: Latitude
    longitude: Longitude
    title: PlaceName
    address: PlaceName


class WrittenContact(Request):
    """A phone the writer shares on purpose; no name goes with it. Put here only once they said yes to that.

    `is_own`: the channel vouches that it is the writer's; otherwise readers are told that it is somebody else's.
    """

    phone: Phone
    is_own: bool = True


class Attachment(Reply):
    """A file of a message, for readers; its bytes are opened by a grant, never by the channel's own id."""

    id: AttachmentId
    kind: AttachmentKind
    state: AttachmentState
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None


class SentAttachment(Reply):
    """A file of a message, for the channel that has to deliver it. `channel` is where `file_id` means something."""

    kind: AttachmentKind
    channel: str
    file_id: str
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: int | None = None


class Location(Reply):
    """A point, in degrees, and how exact it is in metres."""

    latitude: float
    longitude: float
    accuracy: float | None = None


class Venue(Reply):
    """A place with a name."""

    latitude: float
    longitude: float
    title: str
    address: str


class Contact(Reply):
    """A phone the writer shared on purpose, and whether it is their own."""

    phone: str
    is_own: bool = True
