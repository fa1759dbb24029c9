"""What stands between the world and the ledger: who is signed in, how often one may try, and proofs of who one is."""

from dataclasses import dataclass

from api.guesses import Guesses, Patience
from api.passwords import Passwords
from api.scripts import Run
from api.sealing import Seal, keys_in
from api.sessions import Sessions
from api.settings import ServeSettings
from api.telegram_login import TelegramLogin
from api.throttles import Rate, Throttles

# All places together have the tries at codes of so many an hour: a code is only six digits.
CODE_PLACES = 3


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything about coming in; a handler reaches it through its call."""

    sessions: Sessions
    throttles: Throttles
    guesses: Guesses
    code_guesses: Guesses
    passwords: Passwords
    telegram: TelegramLogin
    seal: Seal
    password_tries: Rate
    code_tries: Rate
    newcomers: Rate

    async def close(self) -> None:
        """Begin nothing any more."""
        self.passwords.close()
        await self.telegram.close()


def open_gate(settings: ServeSettings, run: Run) -> Gate:
    """The gate as the settings want it; close it at the end."""
    return Gate(
        sessions=Sessions(run, idle_days=settings.session_idle_days, absolute_days=settings.session_absolute_days),
        throttles=Throttles(run),
        guesses=Guesses(
            run,
            Patience(
                settings.password_tries,
                settings.password_delay_seconds,
                settings.password_longest_delay_seconds,
                settings.password_tries_everywhere,
            ),
        ),
        code_guesses=Guesses(
            run,
            Patience(
                settings.code_tries,
                settings.password_delay_seconds,
                settings.password_longest_delay_seconds,
                settings.code_tries * CODE_PLACES,
            ),
        ),
        passwords=Passwords(
            memory_kib=settings.password_memory_kib,
            passes=settings.password_passes,
            at_once=settings.password_hashes_at_once,
            waiting=settings.password_hashes_waiting,
        ),
        telegram=TelegramLogin(run, issuer=settings.telegram_login_issuer, client_id=settings.telegram_login_client_id),
        seal=Seal(keys_in(settings.totp_keys.get_secret_value())),
        password_tries=Rate(settings.password_tries, settings.password_tries_seconds),
        code_tries=Rate(settings.code_tries, settings.code_tries_seconds),
        newcomers=Rate(settings.newcomers, settings.newcomers_seconds),
    )
