"""Notifications: subscribers and what reaches them. rules decides (pure), store remembers, channels carry, service talks."""
