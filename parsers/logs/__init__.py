"""Text logs: a file a grammar."""

NO_PARSERS = (
    "beside", "clock", "dates", "engine", "family", "feed", "format", "index", "layout", "messages", "parser", "records",
    "samples", "search", "secrets", "systemd_facts", "utc_inside",
)  # fmt: skip
"""Modules that are not imported to find the parsers: what reads a log brings numpy, and many cases have no log."""
