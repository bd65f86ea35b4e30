"""What a permanent mission runs on its own machines. Imports pika and the standard library, nothing of the platform's."""
