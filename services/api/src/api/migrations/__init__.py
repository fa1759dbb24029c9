"""The schema, step by step; each step once, in order, by whoever comes first."""
