"""Asking Telegram about the token, before a bot is started with it and when something seems wrong."""

from typing import Any

import aiohttp

from mutual_aid.trouble import Trouble

WITHIN = 10.0  # s
UNAUTHORIZED = (401, 404)  # Telegram answers 404 to a token that cannot be one


async def ask(api_url: str, token: str, method: str) -> tuple[dict[str, Any], str]:
    """The result of a Bot API method without parameters, and the server's own time as its Date header says.

    Raises Trouble that names a wrong token, an address that is not Telegram's, or a network that does not lead there.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WITHIN)) as session,
            session.get(f"{api_url.rstrip('/')}/bot{token}/{method}") as answer,
        ):
            body = await answer.json(content_type=None)
            if answer.status in UNAUTHORIZED:
                raise wrong_token()
            if not isinstance(body, dict) or not isinstance(body.get("result"), dict):
                raise Trouble(
                    "telegram", f"{method} was answered with status {answer.status}", "Check BOT_API_URL, or wait."
                )
            return body["result"], answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        # The error's own text may hold the address, and the address holds the token.
        raise Trouble(
            "telegram",
            f"{api_url} cannot be reached ({type(error).__name__})",
            "Check the network, a proxy or firewall in between, and BOT_API_URL.",
        ) from None


def wrong_token() -> Trouble:
    """The trouble of a token Telegram does not know."""
    return Trouble(
        "telegram",
        "Telegram does not know this BOT_TOKEN",
        "Copy the token from BotFather (/mybots, API Token) into BOT_TOKEN, whole and without quotes.",
    )


async def check_token(api_url: str, token: str) -> str:
    """The bot's @username; raises Trouble as `ask`."""
    result, _ = await ask(api_url, token, "getMe")
    return str(result.get("username", ""))
