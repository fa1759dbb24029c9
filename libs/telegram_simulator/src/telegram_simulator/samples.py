"""Small files for those who send "a photo" and do not care which."""

import base64
import struct
import zlib
from functools import cache
from math import sin


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def photo(seed: int = 0, width: int = 320, height: int = 213) -> bytes:
    """Return a PNG: soft hills under a sky whose colours depend on `seed`."""
    top = ((94, 143, 181), (176, 137, 168), (214, 150, 104), (98, 160, 144))[seed % 4]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            hill = height * (0.66 + 0.1 * sin(x / 47 + seed) + 0.05 * sin(x / 19 + 2 * seed))
            glow = y / height
            if y > hill:
                rows += bytes((int(150 - 90 * glow), int(168 - 70 * glow), int(150 - 70 * glow)))
            else:
                rows += bytes(min(255, int(c + (240 - c) * glow)) for c in top)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
        + _chunk(b"IEND", b"")
    )


@cache
def sound() -> bytes:
    """Return one second of silence as a WAV of 8 kHz, 8 bit."""
    samples = b"\x80" * 8000
    head = (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    )
    return head + b"data" + struct.pack("<I", len(samples)) + samples


def sample(kind: str, seed: int = 0) -> tuple[str, bytes]:
    """Return (file name, content) for a kind of media."""
    if kind in ("photo", "sticker"):
        return ("photo.png", photo(seed))
    if kind in ("voice", "audio"):
        return ("sound.wav", sound())
    if kind == "document":
        return ("note.txt", f"A short note, number {seed}.\n".encode())
    # Nobody plays it: the bytes of a video matter to no bot here, only that they arrive as they were sent.
    return ("clip.mp4", base64.b64decode("AAAAGGZ0eXBpc29tAAAAAGlzb21tcDQy") + bytes(64) + str(seed).encode())
