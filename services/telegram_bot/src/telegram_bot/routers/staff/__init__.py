"""What the bot answers to in groups."""
