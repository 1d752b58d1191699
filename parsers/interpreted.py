"""What a kernel that runs interpreted needs of Cython: nothing."""

from contextlib import nullcontext

compiled = False

nogil = nullcontext()
"""Python's lock is not given away."""
