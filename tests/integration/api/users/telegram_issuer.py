"""An issuer of Telegram's tokens, made up, on this machine."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "7000000001"
NONCE = "n-0S6_WzA2Mj4kXq"
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


@dataclass
class Issuer:
    """An issuer of this test's own, on this machine; `asked` counts who wanted its keys."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    answers: bool = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = b""
        while not asked.endswith(b"\r\n\r\n") and (more := await reader.read(4096)):
            asked += more
        self.asked += 1
        if self.answers:
            body = json.dumps({"keys": self.keys}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def token(self, *, key: Any = KEY, algorithm: str = "RS256", kid: str | None = "k1", **claims: Any) -> str:
        """A token as Telegram makes them, for somebody with a number of their own; None takes a claim away."""
        now = int(time.time())
        usual = {
            "iss": self.url, "aud": CLIENT, "sub": str(uuid4().int % 10**19), "id": uuid4().int % 10**12 + 1,
            "iat": now, "exp": now + 600, "nonce": NONCE, "name": "Оля", "preferred_username": "olya",
        } | claims  # fmt: skip
        said = {name: value for name, value in usual.items() if value is not None}
        return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def public(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {
        **jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True),
        "kid": kid,
        "use": "sig",
        "alg": "RS256",
    }


@asynccontextmanager
async def issuing() -> AsyncIterator[Issuer]:
    issuer = Issuer(keys=[public(KEY, "k1")])
    async with await asyncio.start_server(issuer.serve, "127.0.0.1", 0) as server:
        issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield issuer
