"""Kinds of help: a place and a resource."""
