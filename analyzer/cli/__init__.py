"""The command line: one file a verb."""

from analyzer.cli.main import main

__all__ = ["main"]
