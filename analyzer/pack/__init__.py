"""Sigma rules: read, checked, compiled to a cached pack."""

from analyzer.pack.errors import PackError, Problem
from analyzer.pack.ir import Rule, Texts
from analyzer.pack.load import Pack, load_pack

__all__ = ["Pack", "PackError", "Problem", "Rule", "Texts", "load_pack"]
