"""Chance that can be had again: its seed is printed, and MUTUAL_AID_SEED gives it back."""

import os
import random


def seed() -> int:
    """What chance is made of in this test."""
    chosen = int(os.environ.get("MUTUAL_AID_SEED") or random.randrange(10**6))  # noqa: S311 - breaks things, guards nothing
    print(f"MUTUAL_AID_SEED={chosen}")  # noqa: T201 - how to replay a failure
    return chosen


def drawn_from(number: float) -> random.Random:
    """The chance that a seed, or another chance, makes."""
    return random.Random(number)  # noqa: S311 - breaks things, guards nothing
