"""What the environment tells the operator's command."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from service_kit.settings import Settings

TELEGRAM = "https://api.telegram.org"


class OperatorSettings(Settings):
    """A server whose URL is set is yours: it is used and never started, stopped or changed but by `migrate`."""

    postgres_url: SecretStr | None = Field(None, description="postgresql://user:password@host:port/database")
    nats_url: str | None = Field(None, description="nats://host:port")
    nats_seeds_dir: Path | None = Field(None, description="the folder with the seed of every NATS user, <user>.nk")
    nats_monitoring_url: str | None = Field(None, description="http://host:8222, where your NATS tells its settings")
    redis_url: SecretStr | None = Field(None, description="redis://:password@host:port/0")
    bot_token: SecretStr | None = Field(None, description="the token BotFather gave; without one a simulator is used")
    bot_api_url: str = Field(TELEGRAM, description="where the Bot API is")
    bot_mode: Literal["polling", "webhook"] = Field("polling", description="polling or webhook")
    webhook_certificate: str = Field(
        "", description="the certificate Telegram finds there in PEM, for `doctor` to look at"
    )
    totp_keys: SecretStr | None = Field(
        None, description="keys that seal the secrets of second factors; without any one is made and kept"
    )
    simulator_port: int | None = Field(None, ge=1, le=65535, description="a port number; 8081 or the next free one")

    simulator_url: str | None = Field(
        None, description="where a simulated Telegram answers that was started elsewhere, as http://host:port"
    )

    @property
    def uses_simulator(self) -> bool:
        """Whether people are simulated, because nobody gave a token."""
        return self.bot_token is None or not self.bot_token.get_secret_value()
