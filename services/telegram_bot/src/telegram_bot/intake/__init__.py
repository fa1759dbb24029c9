"""From Telegram to a handler: nothing is confirmed before it is kept, nothing is handled twice, a chat stays in order."""
