"""Policy data, facts, findings and ticket: verdict and route."""
