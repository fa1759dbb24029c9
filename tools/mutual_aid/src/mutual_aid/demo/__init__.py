"""`demo`: a day of calls for help played through the whole stack, and counted."""
