"""Faults: real processes killed while the platform works, and then every promise counted."""
