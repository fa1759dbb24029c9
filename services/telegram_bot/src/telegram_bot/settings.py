"""What the bot is told at its start."""

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from service_kit.settings import Settings

TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{30,64}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class BotSettings(Settings):
    """Settings of one bot process; each is the environment variable of the same name in capitals."""

    bot_token: SecretStr = Field(description="the token BotFather gave, digits, a colon and 35 characters")
    bot_api_url: str = Field(
        "https://api.telegram.org", description="where the Bot API answers, 9.5 or newer: an http(s) address"
    )
    bot_mode: Literal["polling", "webhook"] = Field("polling", description="polling or webhook")
    webhook_url: str = Field("", description="the public https address Telegram posts to")
    webhook_host: str = Field("127.0.0.1", description="the address to listen on for Telegram")
    webhook_port: int = Field(8443, ge=0, le=65535, description="the port to listen on for Telegram")
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="1 to 256 letters, digits, _ or - that prove a post comes from Telegram"
    )
    webhook_certificate: str = Field(
        "", description="the certificate at that address in PEM, if it signed itself: Telegram is handed it"
    )
    nats_url: str = Field("nats://127.0.0.1:4222", description="where NATS answers")
    nats_seed: SecretStr | None = Field(None, description="the nkey seed of the NATS user telegram")
    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), description="where Redis answers")
    default_locale: Literal["en", "ru", "uk"] = Field(
        "en", description="en, ru or uk, for people who speak none of them"
    )
    emergency_number: str = Field(
        "112", pattern=r"^[0-9+ ()/-]{2,40}$", description="the local emergency number, as people dial it"
    )
    emergency_numbers: str = Field(
        "",
        pattern=r"^((en|ru|uk)=[0-9+ ()/-]{2,40}(,|$))*$",
        description="others for people who speak a certain language: `ru=112,uk=101`",
    )
    phone_region: str = Field(
        "RU", pattern="^[A-Z]{2}$", description="the country of phones written without a code, by its two letters"
    )
    sends_per_second: float = Field(
        30.0, ge=0, le=1000, description="messages a second over all chats, 0 for no limit of our own"
    )
    chat_sends_per_second: float = Field(
        1.0, gt=0, le=100, description="messages a second to one chat once its burst is used up"
    )
    group_sends_per_minute: float = Field(20.0, ge=4, le=1000, description="messages and edits a minute to one group")
    person_updates_per_second: float = Field(
        1.0, ge=0, le=100, description="updates a second one person may go on sending after 20 at once, 0 for no limit"
    )
    health_host: str = Field("127.0.0.1", description="the address of /live, /ready and /metrics")
    health_port: int = Field(0, ge=0, le=65535, description="the port of /live, /ready and /metrics, 0 for a free one")
    log_format: Literal["json", "console"] = Field("json", description="json or console")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def bot_id(self) -> int:
        """The bot's own id at Telegram."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @field_validator("bot_token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        if not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is not a bot token")
        return value

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.bot_mode == "webhook":
            # Without a secret anybody who finds the address could speak as anybody.
            if not SECRET.fullmatch(self.webhook_secret.get_secret_value()):
                raise ValueError("WEBHOOK_SECRET: is missing or unusable, and BOT_MODE=webhook needs one")
            if not self.webhook_url.startswith(("https://", "http://")):
                raise ValueError("WEBHOOK_URL: is missing, and BOT_MODE=webhook needs one")
        return self
