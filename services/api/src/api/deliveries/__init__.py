"""What is owed to people."""
