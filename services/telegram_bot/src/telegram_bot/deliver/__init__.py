"""From what is owed to what was sent: order per chat, Telegram's limits, and an honest account of every attempt."""
