"""Takes secrets out of everything that leaves the program."""
