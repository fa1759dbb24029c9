"""Files people and bots sent: known by file_id, their bytes kept while they fit."""

import secrets
from collections import OrderedDict

import msgspec

from telegram_simulator.refusals import BotApiError, JsonObject, bad_request

MOST_UPLOAD_BYTES = 50 * 1024 * 1024
MOST_PHOTO_BYTES = 10 * 1024 * 1024
MOST_DOWNLOAD_BYTES = 20 * 1024 * 1024
MOST_KEPT_BYTES = 256 * 1024 * 1024
_EXTENSIONS = {
    "photo": "jpg",
    "video": "mp4",
    "video_note": "mp4",
    "voice": "ogg",
    "audio": "mp3",
    "animation": "mp4",
    "sticker": "webp",
}
_FOLDERS = {"photo": "photos", "video": "videos", "video_note": "video_notes", "voice": "voice", "audio": "music"}


class File(msgspec.Struct, kw_only=True):
    """A stored file. `path` is what getFile tells; `size` is in bytes; `media` is the object messages carry."""

    id: str
    unique_id: str
    kind: str
    path: str
    name: str
    mime: str
    size: int
    media: JsonObject = {}


class Files:
    """All files. Above 256 MiB the oldest bytes go; the file_id stays and says so."""

    def __init__(self) -> None:
        self.known: dict[str, File] = {}
        self._by_path: dict[str, str] = {}
        self._bytes: OrderedDict[str, bytes] = OrderedDict()
        self._kept = 0

    def add(self, kind: str, name: str, mime: str, content: bytes) -> File:
        """Store a file and return it; 413 above 50 MB."""
        if len(content) > MOST_UPLOAD_BYTES:
            raise BotApiError(413, "Request Entity Too Large")
        if kind == "photo" and len(content) > MOST_PHOTO_BYTES:
            raise bad_request("PHOTO_SAVE_FILE_INVALID")
        number = len(self.known)
        extension = name.rpartition(".")[2] if "." in name else _EXTENSIONS.get(kind, "bin")
        file = File(
            id=f"SIM{secrets.token_urlsafe(30)}",
            unique_id=f"AQ{secrets.token_urlsafe(9)}",
            kind=kind,
            path=f"{_FOLDERS.get(kind, 'documents')}/file_{number}.{extension}",
            name=name,
            mime=mime,
            size=len(content),
        )
        self.known[file.id] = file
        self._by_path[file.path] = file.id
        self._bytes[file.id] = content
        self._kept += len(content)
        while self._kept > MOST_KEPT_BYTES:
            _, gone = self._bytes.popitem(last=False)
            self._kept -= len(gone)
        return file

    def remember(self, file: File) -> None:
        """Know a file whose bytes are gone."""
        self.known[file.id] = file
        self._by_path[file.path] = file.id

    def get(self, file_id: str) -> File:
        """Return a file, or refuse as Telegram does."""
        file = self.known.get(file_id)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return file

    def content(self, file_id: str) -> bytes | None:
        """Return a file's bytes; None when they are no longer kept."""
        return self._bytes.get(file_id)

    def at(self, path: str) -> File | None:
        """Return the file getFile gave this path for."""
        file_id = self._by_path.get(path)
        return None if file_id is None else self.known[file_id]
