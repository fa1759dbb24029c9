"""How the server says no: Telegram's codes and wording."""

from typing import Any

JsonObject = dict[str, Any]


class BotApiError(Exception):
    """An answer with `ok: false`: `code` is the HTTP status, `parameters` Telegram's ResponseParameters."""

    def __init__(self, code: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> JsonObject:
        """Return the JSON object Telegram answers with."""
        answer: JsonObject = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(what: str) -> BotApiError:
    """Return a 400; like Telegram, the first letter is lowered unless the text is a SERVER_CODE."""
    if len(what) > 1 and not (what[1] == "_" or what[1].isupper()):
        what = what[0].lower() + what[1:]
    return BotApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> BotApiError:
    """Return a 403: the person or the chat does not want this bot."""
    return BotApiError(403, f"Forbidden: {what}")


def too_many_requests(retry_after: int) -> BotApiError:
    """Return a 429 which asks to wait `retry_after` whole seconds."""
    return BotApiError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


class ControlError(Exception):
    """The control side asked for something that cannot be: `status` is the HTTP status of the answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
