"""A service that breaks one promise, named in ``ICAT_SABOTAGE``: run in the place of ``messaging.runtime``,
so that the fault test can show it would notice."""

import eventlet

eventlet.monkey_patch()  # before anything else is imported, as messaging.runtime does

import os  # noqa: E402
import sys  # noqa: E402

from messaging import relay, runtime, subscription  # noqa: E402


def clear_before_confirm() -> None:
    """The relay forgets its events, and only then publishes them."""

    def send(self, store, batch):
        relay._write_journal([event for document in batch for event in document["pending"]])
        relay._clear(store, {document["_id"]: [event["id"] for event in document["pending"]] for document in batch})
        events = [event for document in batch for event in document["pending"]]
        return sum(self.publisher.publish([relay._outgoing(event) for event in events]))

    relay.Relay._send = send


def acknowledge_before_write() -> None:
    """A subscription acknowledges what it was given, and only then handles it."""
    on_message = subscription.EventListener.on_message

    def acknowledge_first(self, message):
        message.channel.basic_ack(message.delivery_tag)
        self.ack = self.reject = lambda *_, **__: True
        on_message(self, message)

    subscription.EventListener.on_message = acknowledge_first


if __name__ == "__main__":
    {"clear_before_confirm": clear_before_confirm, "acknowledge_before_write": acknowledge_before_write}[os.environ["ICAT_SABOTAGE"]]()
    sys.exit(runtime.main(sys.argv[1]))
