"""Runs one nameko module as ``nameko run`` does, whose command line wants a package that nothing else here needs.

python -m benchmarks.peers.serve CONFIG MODULE
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402 - what comes first is patched
from types import SimpleNamespace  # noqa: E402

from nameko.cli.run import main  # noqa: E402

if __name__ == "__main__":
    config, module = sys.argv[1:]
    main(SimpleNamespace(config=config, broker=None, services=[module], backdoor_port=None))
