"""The page on which one person chats as several."""
