"""Builds the kernels with Cython where that works; without them the program does the same more slowly."""

from setuptools import Extension, setup

try:
    from Cython.Build import cythonize
except ImportError:
    extensions = []
else:
    extensions = cythonize(
        [
            Extension(name, [name.replace(".", "/") + ".py"])
            for name in (
                "parsers.capture.kernel",
                "parsers.capture.kernel_rtp",
                "parsers.logs.kernel",
                "parsers.tree.guard",
            )
        ],
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": True,
            "wraparound": False,
            "annotation_typing": False,
            "cdivision": False,
            # a column that was not given yet has a length of 0, and each access is compared with the length
            "initializedcheck": False,
        },
    )
    # said here, since what stands in the extensions that Cython is given does not stand in those that it gives back
    for extension in extensions:
        extension.optional = True

setup(ext_modules=extensions)
