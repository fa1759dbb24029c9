"""Places: where calls come from, as far as they are told apart."""

import ipaddress

# Of an IPv6 address the half that whoever has it cannot choose.
NETWORK_BITS = 64


def place_of(source: str) -> str:
    """The source that counts: an IPv4 address, the /64 network of an IPv6 one, anything else as the edge wrote it."""
    try:
        address = ipaddress.ip_address(source.strip())
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), NETWORK_BITS), strict=False))
    return str(address)
