"""What every test of the broker starts with."""

from integration.service_kit.broker_server import api, bot, server

__all__ = ["api", "bot", "server"]
