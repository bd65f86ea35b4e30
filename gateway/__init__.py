"""The gateway: where people and their software come in.

``create_app`` makes the Flask application. ``accounts`` knows who calls; ``api`` is a table of routes and one dispatcher that
asks the services over the broker; ``web`` renders pages. The gateway says who you are; the service that owns a rule decides
what you may do. Imports ``contracts``, ``messaging`` and ``services.kernel``; never a service.
"""

from gateway.app import create_app
from gateway.settings import Settings

__all__ = ["Settings", "create_app"]
