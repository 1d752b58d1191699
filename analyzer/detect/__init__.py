"""A pack over facts: findings with evidence, and coverage."""
