"""Packet captures."""

PARSER_MODULES = ("entry",)
"""Only this module is imported to find the parsers; the others are many, and most cases have no capture."""
