"""How it crosses without loss: the one write, the relay, the subscription, dead letters, RPC, the instant.

Everything that knows RabbitMQ is here, and of the store what all services share. Nothing of the
Group's business is: this package imports ``contracts`` and the kernel, never a service or the gateway.
See README.md for the way of a message on one page.
"""

import warnings

# Its authors discourage eventlet; nameko stands on it, and only the service processes do. Saying so at each start helps nobody.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
