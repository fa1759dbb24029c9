"""Parameters and files of a call, in the three shapes a body may have."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import ClientResponse, MultipartReader, web
from aiohttp.multipart import BodyPartReader

from telegram_simulator.call import Upload
from telegram_simulator.files import MOST_UPLOAD_BYTES
from telegram_simulator.refusals import BotApiError, bad_request

JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_FIELDS_BYTES = 1 << 20
"""What the fields beside the files of a form may take."""
_CHUNK = 1 << 18

Given = tuple[Mapping[str, Any], Mapping[str, Upload]]


async def read_values(request: web.Request) -> Given:
    """Return the parameters and files of a request, those of its query string included."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    if not request.body_exists:
        return values, {}
    if request.content_type == _MULTIPART:
        more, uploads = await _read(await _multipart(request))
        return {**values, **more}, uploads
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise BotApiError(413, "Request Entity Too Large") from None
    return values | decode(request.content_type, body), {}


async def read_answer(response: ClientResponse) -> Given:
    """Return the parameters and files of the call a webhook's answer holds."""
    if response.content_type == _MULTIPART:
        return await _read(MultipartReader(response.headers, response.content))
    return decode(response.content_type, await response.read()), {}


def decode(kind: str, body: bytes) -> dict[str, Any]:
    """Return the parameters of a JSON or urlencoded body; nothing for any other kind."""
    try:
        if kind == JSON and body.strip():
            return msgspec.json.decode(body, type=dict[str, Any])
        if kind == _FORM:
            return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except msgspec.MsgspecError as error:
        raise bad_request("can't parse JSON object") from error
    except UnicodeDecodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return {}


async def _multipart(request: web.Request) -> MultipartReader:
    try:
        return await request.multipart()
    except ValueError as error:
        raise bad_request("can't parse multipart form") from error


async def _read(reader: MultipartReader) -> Given:
    values: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    left = MOST_UPLOAD_BYTES + _FIELDS_BYTES
    try:
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise bad_request("can't parse multipart form")
            content = await _content(part, left)
            left -= len(content)
            if part.filename is None:
                values[part.name] = content.decode()
            else:
                uploads[part.name] = Upload(part.filename, part.headers.get("Content-Type", ""), content)
    except ValueError as error:
        raise bad_request("can't parse multipart form") from error
    return values, uploads


async def _content(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        content += chunk
        if len(content) > most:
            raise BotApiError(413, "Request Entity Too Large")
    return bytes(content)
