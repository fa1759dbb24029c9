"""What the bot answers to: one file a subject, gathered into one dispatcher."""
