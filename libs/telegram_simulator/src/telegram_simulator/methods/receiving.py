"""Getting updates, and choosing between polling and a webhook."""

import re
import time

from telegram_simulator.call import Call
from telegram_simulator.people import Webhook
from telegram_simulator.polling import end_polls, get_updates, set_allowed
from telegram_simulator.refusals import JsonObject, bad_request

_SECRET = re.compile(r"[A-Za-z0-9_-]*\Z")
_LONGEST_SECRET = 256
_MOST_CONNECTIONS = 100


def set_webhook(call: Call) -> bool:
    """Post updates to `url` from now on; an empty url is deleteWebhook.

    Telegram takes https only; on this server, as on a local Bot API server, http is welcome.
    """
    url = call.text("url")
    if not url:
        return delete_webhook(call)
    if not re.match(r"https?://[^\s/]+", url):
        raise bad_request("invalid webhook URL specified")
    secret = call.text("secret_token")
    if len(secret) > _LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.match(secret):
        raise bad_request("secret token contains unallowed characters")
    certificate = call.uploads.get(call.text("certificate").removeprefix("attach://")) or call.uploads.get(
        "certificate"
    )
    set_allowed(call)
    updates = call.world.updates[call.bot.id]
    end_polls(updates)
    if call.flag("drop_pending_updates"):
        updates.clear()
    call.bot.webhook = Webhook(
        url=url,
        secret_token=secret,
        max_connections=min(max(call.integer("max_connections", 40), 1), _MOST_CONNECTIONS),
        certificate=certificate.content.decode("ascii", "replace") if certificate else "",
        has_custom_certificate=bool(certificate),
    )
    updates.kick.set()
    return True


def delete_webhook(call: Call) -> bool:
    """Go back to getUpdates."""
    call.bot.webhook = None
    call.world.updates[call.bot.id].kick.set()
    if call.flag("drop_pending_updates"):
        call.world.updates[call.bot.id].clear()
    return True


def get_webhook_info(call: Call) -> JsonObject:
    """Return where updates go and how many wait."""
    webhook = call.bot.webhook
    pending = len(call.world.updates[call.bot.id].pending)
    if webhook is None:
        info: JsonObject = {"url": "", "has_custom_certificate": False, "pending_update_count": pending}
    else:
        info = {
            "url": webhook.url,
            "has_custom_certificate": webhook.has_custom_certificate,
            "pending_update_count": pending,
            "max_connections": webhook.max_connections,
            "ip_address": "127.0.0.1",
        }
        if webhook.last_error_date:
            info["last_error_date"] = webhook.last_error_date
            info["last_error_message"] = webhook.last_error_message
    if call.bot.allowed_updates:
        info["allowed_updates"] = call.bot.allowed_updates
    return info


def note_failure(webhook: Webhook, message: str) -> None:
    """Remember why a post failed, for getWebhookInfo."""
    webhook.last_error_date = int(time.time())
    webhook.last_error_message = message


METHODS = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
