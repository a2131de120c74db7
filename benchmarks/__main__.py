"""`python -m benchmarks [NAME …]`, by `bin/bench`: every figure is a ratio to a floor of the same run."""

import sys
from importlib import import_module

from benchmarks import stage
from benchmarks.rounds import HEAD

NAMES = ("submission", "sweep", "pages", "certificate", "catalogue")


def main(names: list[str]) -> int:
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.stderr.write(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}\n")
        return 2
    stage.begin()
    sys.stdout.write(HEAD)
    for name in names or NAMES:
        for row in import_module(f"benchmarks.{name}").rows():
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
