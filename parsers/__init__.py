"""Bytes to facts: one file a format. Knows nothing of signatures, scope or reports."""
