"""`python -m builder`: the one door in, and the one place where errors leave."""

import gc
import os
import sys

# What is planned are values that do not point back at each other: looking for cycles among them at the usual
# pace takes some hundredths of a run, and finds none.
_ALLOCATIONS = 50_000


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_ALLOCATIONS)
    # What else is installed has no say in what a matrix may hold, and looking for such plugins takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from builder.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
