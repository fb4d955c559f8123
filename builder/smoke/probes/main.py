"""The probe's entry: reads the promise from its argument, prints framed results."""

from __future__ import annotations

import hashlib
import json
import os
import sys

from builder.smoke.probes.checks import demanded
from builder.smoke.probes.frames import frame
from builder.smoke.probes.promise import Promise
from builder.smoke.probes.supervise import supervise


def main() -> None:
    """Make every check that the promise demands. The exit status says only that the report is complete."""
    text = sys.argv[1]
    promise = Promise.parse(json.loads(text))
    os.write(1, frame({"begin": hashlib.sha256(text.encode()).hexdigest()}))
    seconds = float(os.environ.get("PROBE_SECONDS", "600"))
    patience = float(os.environ.get("PROBE_PATIENCE", "1"))
    count = 0
    for result in supervise(demanded(promise), promise, seconds=seconds, patience=patience):
        os.write(1, frame(result))
        count += 1
    os.write(1, frame({"end": count}))
