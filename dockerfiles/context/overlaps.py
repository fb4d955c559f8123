"""Name the wheels in a folder that hold a file of the same name with other content, as some of NVIDIA's do.

uv writes wheels side by side, so that whichever comes last decides. Usage: overlaps FOLDER
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path


def overlaps(folder):
    """The names, in their order."""
    held = defaultdict(lambda: defaultdict(set))
    for record in folder.glob("*.dist-info/RECORD"):
        name = record.parent.name.partition("-")[0]
        with record.open(newline="", encoding="utf-8") as file:
            for path, digest, _ in csv.reader(file):
                held[path][digest].add(name)
    rivals = (owners for owners in held.values() if len(owners) > 1)
    return sorted({name for owners in rivals for names in owners.values() for name in names})


if __name__ == "__main__":
    print(*overlaps(Path(sys.argv[1])), sep="\n")
