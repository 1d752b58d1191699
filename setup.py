"""Builds the capture kernels with Cython where that works; without them the same files run interpreted."""

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:
    extensions = []
else:
    extensions = cythonize(
        [
            Extension(f"parsers.capture.{name}", [f"parsers/capture/{name}.py"], optional=True)
            for name in ("kernel", "kernel_rtp")
        ],
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": True,
            "wraparound": False,
            "annotation_typing": False,
            "cdivision": False,
        },
    )

setup(ext_modules=extensions)
