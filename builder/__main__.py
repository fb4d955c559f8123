"""`python -m builder`: the one door in, and the one place where errors leave."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from builder.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
