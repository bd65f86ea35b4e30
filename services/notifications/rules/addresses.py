"""Where a channel may lead: a mailbox, a webhook's address outside every network of ours, a queue with a name that nobody can guess."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from services.kernel import Refusal

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


def mailbox(address: str) -> str:
    """A mail address as it is compared. A server may tell a local part's capitals apart (RFC 5321, 2.4), and none that matters does; what
    stands after a plus sign is another address. Mail goes to the address as it was given."""
    return address.lower()


def queue_of(code: str, part: str) -> str:
    """The name of a queue of a subscriber's own. All subscribers read as one user of the broker, so ``part``, which nobody can guess,
    keeps each out of the others' queues."""
    if not part:
        raise ValueError("a queue's name without its part could be guessed")
    return f"mission.{code.lower()}.{part}"


def webhook_address(text: str, allow_private: bool) -> str:
    """A webhook's address, if matters may be sent there: https, a host, no user name, no fragment, and no address inside a
    network. Names are looked up, and the answer checked again, with every delivery. ``allow_private``: closed networks,
    where plain http and inner addresses are wanted."""
    wanted = "an http or https address" if allow_private else "an https address of a public host, as https://example.org/hook"

    def refuse(detail: str, rule: str) -> Refusal:
        return Refusal.invalid("target", detail, rule=rule, accepted=wanted)

    if any(c.isspace() or ord(c) < 32 for c in text):
        raise refuse("An address has no space and no line break in it.", "webhook-address")
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise refuse(f"Not a web address: {error}.", "webhook-address") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise refuse("A webhook is called by https.", "webhook-address")
    if not host:
        raise refuse("The address names no host.", "webhook-address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise refuse("A webhook's address holds no user name, password or fragment.", "webhook-address")
    if not allow_private and (host.rstrip(".").rsplit(".", 1)[-1] == "localhost" or not is_public(host)):
        raise refuse("A webhook is never called inside a network: this address is private, local or reserved.", "webhook-public")
    return text


def is_public(host: str) -> bool:
    """Whether matters may be sent to this address of the internet protocol. True for a name, which says nothing before it is
    looked up. IPv4 in IPv6 is judged as the IPv4 address that the packets would reach."""
    try:
        address = ip_address(host)
    except ValueError:
        return True
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (IPv4Address(address.packed[-4:]) if address in NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in SPECIAL)
