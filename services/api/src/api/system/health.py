"""Whether anybody is there."""

from api import VERSION
from contracts.system import GetHealth, Health


async def health(_: GetHealth) -> Health:
    """The product's version."""
    return Health(version=VERSION)
