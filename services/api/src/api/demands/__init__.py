"""Calls for help and who sits in them."""
