"""Checks of signatures beyond what they need to load: one small class a check."""

from analyzer.pack.lint.base import Check, Subject
from analyzer.pack.lint.run import CHECKS, lint

__all__ = ["CHECKS", "Check", "Subject", "lint"]
