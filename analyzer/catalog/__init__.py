"""Reference data: builds, phones, end of life, trunks, CVEs, hardware, integrations."""
