"""The record of who did what with a right that others lack."""
