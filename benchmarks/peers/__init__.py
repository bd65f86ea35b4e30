"""What the gateway is measured against: the same questions and the same order, answered as a published example would answer them.

Two peers on the platform's own broker and store: ``flask_app`` (bare Flask and mongoengine, in process) and ``nameko_gateway`` with
``nameko_rooms`` (HTTP entrypoint, RPC proxy, services). They read and write what the platform does (``kept``), with the schemas of the
same contracts; they authenticate nobody, ask nobody's rights, know no versions, and tell no one what happened.
"""
