"""``python -m tests.fuzz NAME --seconds N``: libFuzzer through atheris over one harness, starting from its corpus.

What makes it fail is written to ``build/fuzz/NAME`` (``crash-…``); once the cause is mended, put it into ``corpus/NAME``.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from tests.conftest import ROOT

CORPUS = Path(__file__).with_name("corpus")
NAMES = ("walker", "sip", "sdp", "tcp")
MAX_BYTES = 8192


def main() -> None:
    """Run one harness for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=120)
    asked = parser.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install 'tcxtriage[fuzz]'")
    with atheris.instrument_imports(include=["parsers.capture"]):
        harnesses = importlib.import_module("tests.fuzz.harnesses")
    found = ROOT / "build" / "fuzz" / asked.name
    found.mkdir(parents=True, exist_ok=True)
    arguments = [f"-max_total_time={asked.seconds}", f"-max_len={MAX_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
    folders = [str(found), str(CORPUS / asked.name)]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={found}/", *folders], harnesses.HARNESSES[asked.name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
