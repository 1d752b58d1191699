"""Runs a pack over the facts of a case: findings and coverage."""

from analyzer.detect.run import Detection, run

__all__ = ["Detection", "run"]
