"""What people say is wrong in a demand, and what moderators make of it."""
