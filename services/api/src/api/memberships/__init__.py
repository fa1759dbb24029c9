"""Who offers help where, and who watches over it."""
