"""What the api is told from outside."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PostgresDsn, RedisDsn, SecretStr

from api.sealing import keys_in
from service_kit.settings import Settings

Port = Annotated[int, Field(ge=0, le=65535)]


def _encrypted(issuer: str) -> str:
    place = urlsplit(issuer)
    if place.scheme == "https" or (place.scheme == "http" and place.hostname in {"127.0.0.1", "::1", "localhost"}):
        return issuer
    raise ValueError("is not https, which only an issuer on this machine need not be")


def _with_keys(keys: SecretStr) -> SecretStr:
    keys_in(keys.get_secret_value())
    return keys


Keys = Annotated[SecretStr, AfterValidator(_with_keys)]
Issuer = Annotated[str, AfterValidator(_encrypted)]


class DatabaseSettings(Settings):
    """Where the ledger is; enough for `migrate` and `bootstrap-token`."""

    postgres_url: PostgresDsn = Field(description="the ledger, as postgresql://user:password@host:port/database")
    log_format: Literal["json", "console"] = Field("json", description="how log lines look: json or console")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="the least important line shown"
    )


class MigrateSettings(DatabaseSettings):
    """What `migrate` needs besides the ledger: the broker user that may make streams."""

    nats_url: str = Field(description="the broker, as nats://host:port")
    nats_migrate_seed: SecretStr = Field(description="nkey seed of the broker user migrate")


class ServeSettings(DatabaseSettings):
    """What `serve` needs."""

    nats_url: str = Field(description="the broker, as nats://host:port")
    nats_seed: SecretStr = Field(description="nkey seed of the broker user api")
    nats_publisher_seed: SecretStr = Field(description="nkey seed of the broker user publisher")
    redis_url: RedisDsn = Field(description="the sessions, as redis://:password@host:port/0")
    postgres_pool_size: int = Field(10, ge=2, le=100, description="connections for the hot operations")
    statement_timeout_ms: int = Field(
        3000, ge=100, le=30_000, description="milliseconds after which PostgreSQL gives up a statement of a call"
    )
    health_host: str = Field("127.0.0.1", description="address of /live, /ready and /metrics")
    health_port: Port = Field(0, description="port of /live, /ready and /metrics; 0 takes a free one")
    open_demands_per_user: int = Field(5, ge=1, le=1000, description="open demands one person may have")
    reopen_days: int = Field(7, ge=0, le=365, description="days a closed demand can be taken up again")
    done_asked_again_minutes: int = Field(
        10, ge=1, le=1440, description="minutes after which a requester who has not answered is asked again"
    )
    report_evidence_lines: int = Field(50, ge=1, le=1000, description="lines of a conversation kept with a report")
    delivery_lease_seconds: float = Field(
        30.0, ge=1, le=3600, description="seconds after which a begun delivery's sender counts as dead"
    )
    erased_digest_key: SecretStr = Field(
        SecretStr(""),
        description="secret that, with the ledger's own, hides whom the digests of erased people stand for",
    )
    key_retention_days: int = Field(7, ge=1, le=365, description="days an idempotency key is remembered")
    session_idle_days: float = Field(14.0, gt=0, le=365, description="days after which an unused session ends")
    session_absolute_days: float = Field(90.0, gt=0, le=365, description="days after which every session ends")
    # The least OWASP's Password Storage Cheat Sheet asks of argon2id: 19 MiB and two passes, in one lane.
    password_memory_kib: int = Field(
        19_456, ge=8_192, le=1_048_576, description="KiB of memory one password hash takes"
    )
    password_passes: int = Field(2, ge=1, le=20, description="passes over that memory")
    password_hashes_at_once: int = Field(2, ge=1, le=64, description="passwords hashed at the same time")
    password_hashes_waiting: int = Field(32, ge=1, le=1000, description="passwords that may wait to be hashed")
    password_tries: int = Field(
        10, ge=1, le=1000, description="passwords one may try at once for one account from one place"
    )
    password_tries_seconds: float = Field(
        600.0, ge=1, le=86_400, description="seconds over which as many tries of who is signed in come back"
    )
    password_delay_seconds: float = Field(
        15.0, ge=0.001, le=3600, description="seconds to wait after them, twice as long after each further try"
    )
    password_longest_delay_seconds: float = Field(
        600.0, ge=0.001, le=86_400, description="seconds beyond which that does not grow"
    )
    password_tries_everywhere: int = Field(
        100, ge=1, le=100_000, description="passwords all places together may try for one account in an hour"
    )
    newcomers: int = Field(60, ge=1, le=100_000, description="guests and accounts one place may make at once")
    newcomers_seconds: float = Field(
        3600.0, ge=1, le=86_400, description="seconds over which as many newcomers come back"
    )
    totp_keys: Keys = Field(
        SecretStr(""),
        description="keys that seal the secrets of second factors, each 32 bytes in URL-safe base64, the first of which"
        " is used for new ones; without any nobody can set one up",
    )
    code_tries: int = Field(
        10,
        ge=1,
        le=1000,
        description="codes one may try at once for one account from one place; all places together three times as many an hour",
    )
    code_tries_seconds: float = Field(
        3600.0, ge=1, le=86_400, description="seconds over which as many tries of codes come back"
    )
    link_code_minutes: float = Field(
        10.0, gt=0, le=60, description="minutes a code that links two channels is good for"
    )
    telegram_login_issuer: Issuer = Field(
        "https://oauth.telegram.org", description="who signs what the web hears of people who sign in with Telegram"
    )
    telegram_login_client_id: str | None = Field(
        None, description="our client id there; without it nobody signs in with Telegram"
    )
