"""Configuration: live exports, backups, templates, ini files."""
