"""``python -m analyzer`` is ``tcxtriage``."""

from analyzer.cli import main

if __name__ == "__main__":
    main()
