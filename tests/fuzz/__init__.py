"""Fuzzing of what reads captures: ``python -m tests.fuzz NAME --seconds N`` (needs the extra ``fuzz``), corpus in ``corpus/``."""
