"""Where a channel may lead: a mailbox, a webhook's address outside every network of ours, a queue with a name that nobody can guess."""

from urllib.parse import urlsplit

from services.kernel import Refusal
from services.kernel.addresses import is_public


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
    if not allow_private and not is_public(host):
        raise refuse("A webhook is never called inside a network: this address is private, local or reserved.", "webhook-public")
    return text
