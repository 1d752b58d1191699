"""Text logs: a file a grammar."""
