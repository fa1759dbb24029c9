"""The ledger: every rule about help, kept in PostgreSQL and spoken over NATS."""

from typing import Final

VERSION: Final = "0.1.0"
