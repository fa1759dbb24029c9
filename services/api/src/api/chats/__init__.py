"""Staff chats: groups that show the demands of a scenario."""
