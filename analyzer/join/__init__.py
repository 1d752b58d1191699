"""Several sources of one thing become one row."""
