"""What Telegram says of somebody who signs in on the web with it: OpenID Connect's id_token, trusted only once proven."""

import asyncio
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import structlog

from api.scripts import Run, Script
from contracts.account_failures import SignInRefused
from contracts.failures import Busy, Forbidden
from service_kit.metrics import timed

log = structlog.get_logger(__name__)

ALGORITHM = "RS256"
# Seconds.
LEEWAY = 30
FRESH = 300
WITHIN = 1.5
KEYS_LAST = 3600
# Somebody who names keys that do not exist makes us ask for them at most this often.
KEYS_ASKED_EVERY = 60
KEYS_BYTES = 64 * 1024
COME_BACK_SECONDS = 1.0
USERNAME = re.compile(r"[A-Za-z0-9_]{1,64}")
TELEGRAM_ID = re.compile(r"[1-9][0-9]{0,15}")

# Whose wish used it up is kept: the same one, begun again because its answer was lost, is no second use.
BURN = Script(
    "telegram_login.burn",
    """
    local by = redis.call('GET', KEYS[1])
    if by then return by == ARGV[2] and 1 or 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])
    return 1
    """,
)


@dataclass(frozen=True, slots=True)
class TelegramPerson:
    """Whom a proven token speaks of; `id` is the number by which the bot knows them, too."""

    id: str
    name: str
    username: str | None
    token_digest: str
    expires_at: float


class TelegramLogin:
    """Proves tokens of one issuer for one client id; without a client id nobody comes in this way."""

    def __init__(self, run: Run, *, issuer: str, client_id: str | None) -> None:
        self._run = run
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
        # Made once: reading the machine's certificates takes long enough to hold others up.
        self._http = None if client_id is None else _client()

    async def close(self) -> None:
        """Ask for nothing any more."""
        if self._http is not None:
            await self._http.aclose()

    async def person(self, id_token: str, nonce: str) -> TelegramPerson:
        """Whom the token speaks of.

        `Forbidden` where signing in with Telegram is switched off, `SignInRefused` for a token that is not the
        issuer's own, for us, fresh and asked for with this nonce, `Busy` while the issuer's keys cannot be had.
        """
        if self._client_id is None or self._http is None:
            raise Forbidden
        try:
            head = jwt.get_unverified_header(id_token)
            if head.get("alg") != ALGORITHM or not isinstance(head.get("kid"), str):
                raise SignInRefused
            claims = self._proven(id_token, await self._key(self._http, head["kid"]), self._client_id)
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError):
            raise SignInRefused from None
        asked_with, issued_at = claims.get("nonce"), claims["iat"]
        if not isinstance(asked_with, str) or not hmac.compare_digest(asked_with.encode(), nonce.encode()):
            raise SignInRefused
        if time.time() - issued_at > FRESH + LEEWAY:
            raise SignInRefused
        # Not `sub`: that is a number of its own for each client, and may be somebody else's id.
        telegram_id = str(claims.get("id", ""))
        if isinstance(claims.get("id"), bool) or not TELEGRAM_ID.fullmatch(telegram_id):
            raise SignInRefused
        name, username = claims.get("name"), claims.get("preferred_username")
        return TelegramPerson(
            id=telegram_id,
            name=name[:128].replace("\x00", "") if isinstance(name, str) else "",
            username=username if isinstance(username, str) and USERNAME.fullmatch(username) else None,
            # The signature is over head and claims: a token spelled otherwise has another one, or is none.
            token_digest=hashlib.sha256(id_token.rpartition(".")[0].encode()).hexdigest(),
            expires_at=float(claims["exp"]),
        )

    async def burn(self, person: TelegramPerson, key: str) -> None:
        """Make the token good for nothing but the call with this key; `SignInRefused` when another used it before."""
        left_ms = int(max(person.expires_at - time.time() + LEEWAY, FRESH + 2 * LEEWAY) * 1000)
        by = hashlib.sha256(key.encode()).hexdigest()
        if not int(await self._run(BURN, [f"api:telegram_login:{person.token_digest}"], [left_ms, by])):
            raise SignInRefused

    def _proven(self, id_token: str, key: jwt.PyJWK, client_id: str) -> dict[str, Any]:
        return jwt.decode(
            id_token,
            key,
            algorithms=[ALGORITHM],
            audience=client_id,
            issuer=self._issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "exp", "iat", "nonce"], "strict_aud": True},
        )

    async def _key(self, http: httpx.AsyncClient, kid: str) -> jwt.PyJWK:
        age = time.monotonic() - self._asked_at
        if (kid in self._keys and age < KEYS_LAST) or (kid not in self._keys and age < KEYS_ASKED_EVERY):
            return self._known(kid)
        async with self._asking:
            if time.monotonic() - self._asked_at >= KEYS_ASKED_EVERY:
                await self._ask(http)
        return self._known(kid)

    def _known(self, kid: str) -> jwt.PyJWK:
        found = self._keys.get(kid)
        if found is None:
            raise SignInRefused
        return found

    async def _ask(self, http: httpx.AsyncClient) -> None:
        """Fetch the issuer's keys; those known are kept where it cannot be reached."""
        try:
            with timed("telegram", "jwks"):
                async with asyncio.timeout(WITHIN):
                    listed = await self._fetched(http)
        except (httpx.HTTPError, OSError, ValueError, jwt.PyJWTError) as error:
            log.warning("telegram_login.keys_away", exc_type=type(error).__name__)
            if not self._keys:
                raise Busy(retry_after=COME_BACK_SECONDS) from None
            self._asked_at = time.monotonic()
            return
        self._keys, self._asked_at = listed, time.monotonic()

    async def _fetched(self, http: httpx.AsyncClient) -> dict[str, jwt.PyJWK]:
        async with http.stream("GET", f"{self._issuer}/.well-known/jwks.json") as answer:
            if answer.status_code != httpx.codes.OK:
                raise ValueError("the issuer gives no keys")
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > KEYS_BYTES:
                    raise ValueError("the issuer's keys are too long")
        listed = httpx.Response(200, content=body).json()
        keys = listed.get("keys", []) if isinstance(listed, dict) else []
        return {
            each["kid"]: jwt.PyJWK(each, algorithm=ALGORITHM)
            for each in keys
            if isinstance(each, dict) and isinstance(each.get("kid"), str) and each.get("kty") == "RSA"
            and each.get("use", "sig") == "sig" and each.get("alg", ALGORITHM) == ALGORITHM
        }  # fmt: skip


def _client() -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=WITHIN, follow_redirects=False, trust_env=False, limits=limits)
