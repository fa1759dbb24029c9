"""Real PostgreSQL, NATS with JetStream and Redis from wheels, for one machine: nothing to install, nothing to set up."""

from local_servers.addresses import Addresses, from_environment
from local_servers.failures import AlreadyRunning, ServerFailed
from local_servers.nats_server import NatsUser
from local_servers.servers import Servers
from local_servers.starting import erase, start
from local_servers.state import running
from local_servers.templates import cloned_database, drop_clones, template_database

__all__ = [
    "Addresses",
    "AlreadyRunning",
    "NatsUser",
    "ServerFailed",
    "Servers",
    "cloned_database",
    "drop_clones",
    "erase",
    "from_environment",
    "running",
    "start",
    "template_database",
]
