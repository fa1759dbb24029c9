"""The bot: people on Telegram, the api behind it."""
