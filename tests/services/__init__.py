"""Services: each a process of its own, asked over the broker, told of what the others did, and its record read."""
