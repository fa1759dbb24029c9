"""The bot: people on Telegram, the api behind it."""

from telegram_bot import lazy_models as lazy_models
