"""Benchmarks: ``python -m tests.benchmarks`` measures side by side with other tools and prints medians. Never a gate."""
