"""The program: a case from its inputs to a verdict."""

__version__ = "0.1.0"
