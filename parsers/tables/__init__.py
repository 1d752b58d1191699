"""Rows: CSV dumps of database tables and call records."""
