"""Text logs: a file a grammar."""

NO_PARSERS = (
    "block", "clock", "dates", "engine", "family", "feed", "firewall_html", "format", "index", "kernel", "layout", "messages",
    "parser", "passes", "records", "samples", "search", "secrets", "systemd_facts", "utc_inside", "vector",
)  # fmt: skip
"""Modules that are not imported to find the parsers: what reads a log brings numpy, and many cases have no log."""
