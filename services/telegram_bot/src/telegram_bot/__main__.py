"""`python -m telegram_bot`: the bot as a process."""

import gc

from service_kit.logs import configure_logs
from service_kit.process import Stop, run
from service_kit.settings import load
from telegram_bot.app import serve
from telegram_bot.settings import BotSettings


async def main(stop: Stop) -> None:
    """Read the settings and serve."""
    settings = load(BotSettings)
    configure_logs("telegram_bot", format=settings.log_format, level=settings.log_level)
    await serve(settings, stop)


if __name__ == "__main__":
    # What is loaded by now stays for good, and aiogram's models are most of it: the collector need not walk it again.
    gc.collect()
    gc.freeze()
    run(main)
