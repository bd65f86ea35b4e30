"""Which addresses lie outside every network of ours: what a stranger names is fetched from there, or sent there, and nowhere else."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a network's translator turns into the IPv4 address in their last 32 bits (RFC 6052)."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that was ever given out of IPv6 to reach a host on the internet (RFC 4291, IANA's registry). Outside it are the local
addresses, old and new, the translators' own, and IPv4 addresses in spellings that were given up."""

SPECIAL: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments, and the inner side of DS-Lite
    IPv4Network("192.88.99.0/24"),  # 6to4's relays, given up (RFC 7526)
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, benchmarks, identifiers that are no addresses
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
"""Networks with a purpose of their own that ``is_global`` lets pass, for some versions of the standard library."""


def is_public(host: str) -> bool:
    """Whether this address of the internet protocol is one of the internet's. True for a name, which says nothing before it is looked
    up, but not for one of this machine (RFC 6761). IPv4 in IPv6 is judged as the IPv4 address that the packets would reach."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower().rstrip(".").rsplit(".", 1)[-1] != "localhost"
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (IPv4Address(address.packed[-4:]) if address in NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in SPECIAL)
