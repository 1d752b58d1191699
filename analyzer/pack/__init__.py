"""Sigma rules: read, checked, compiled to a cached pack."""
