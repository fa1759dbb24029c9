"""Telegram: whether it knows the token, how updates come, and whether our clock agrees with it."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mutual_aid import certificate, telegram
from mutual_aid.doctor.finding import Finding, of_trouble, well, wrong
from mutual_aid.settings import OperatorSettings
from mutual_aid.trouble import Trouble

LATELY = 300  # s; Telegram tries again every minute or so, and goes on naming its last failure for ever
SKEW = 10.0  # s; deadlines of calls are 5 s, Telegram's own requests allow minutes


async def examine(settings: OperatorSettings) -> list[Finding]:
    """Token, webhook and clock; without a token there is nothing to ask."""
    if settings.bot_token is None or settings.uses_simulator:
        return [well("telegram", "no BOT_TOKEN: people are simulated")]
    token = settings.bot_token.get_secret_value()
    try:
        me, said = await telegram.ask(settings.bot_api_url, token, "getMe")
        webhook, _ = await telegram.ask(settings.bot_api_url, token, "getWebhookInfo")
    except Trouble as trouble:
        return [of_trouble("telegram", trouble)]
    found = [well("telegram", f"Telegram knows the bot as @{me.get('username', '')}")]
    found.append(updates(settings, webhook, datetime.now(UTC)))
    if settings.webhook_certificate:
        found.append(certified(settings.webhook_certificate))
    if said:
        found.append(clock(said, datetime.now(UTC)))
    return found


def updates(settings: OperatorSettings, webhook: dict[str, Any], now: datetime) -> Finding:
    """How updates come, by what Telegram says of the webhook; a failure counts while something waits because of it."""
    url, complaint = str(webhook.get("url", "")), str(webhook.get("last_error_message", ""))
    if settings.bot_mode == "polling" and url:
        fix = "Stop the program that set the webhook, or set BOT_MODE=webhook; two cannot share one bot."
        return wrong("updates", "BOT_MODE is polling, and a webhook is set: Telegram posts elsewhere", fix)
    if settings.bot_mode == "webhook" and not url:
        return wrong("updates", "BOT_MODE is webhook, and none is set", "Start the bot, which sets it, and look again.")
    if complaint:
        ago = now.timestamp() - int(webhook.get("last_error_date", 0))
        waiting = int(webhook.get("pending_update_count", 0))
        if ago < LATELY and waiting:
            fix = "See that WEBHOOK_URL leads to the bot over https."
            return wrong("updates", f"Telegram says: {complaint}; {waiting} wait", fix)
        return well("updates", f"they come by {settings.bot_mode}; what failed {_span(ago)} ago was: {complaint}")
    return well("updates", f"they come by {settings.bot_mode}")


def certified(chain: str) -> Finding:
    """Whether the certificate of the webhook lasts."""
    try:
        soon = certificate.ending(chain)
    except ValueError:
        return wrong("certificate", "it is none", "Put one in PEM there.")
    return (
        wrong("certificate", soon, "Renew it, or see why that does not happen.")
        if soon
        else well("certificate", "lasts")
    )


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def clock(said: str, now: datetime) -> Finding:
    """Our clock beside the time another server says in its Date header."""
    try:
        off = abs((parsedate_to_datetime(said) - now).total_seconds())
    except (TypeError, ValueError):
        return well("clock", "nobody to compare it with")
    if off > SKEW:
        return wrong("clock", f"{off:.0f} s off", "Turn on time synchronisation (timedatectl set-ntp true).")
    return well("clock", "agrees with Telegram's")
