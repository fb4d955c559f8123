"""What the doctor says of an image, as text on one screen and as JSON."""

import json
from textwrap import fill

from builder.doctor.image.ailment import Layer
from builder.doctor.image.diagnosis import Diagnosis

_WIDTH = 110


def text(name: str, diagnosis: Diagnosis) -> str:
    """Every layer in a line with the broken one marked, what nvidia-smi makes of it, and what mends it."""
    ailment = diagnosis.ailment
    if ailment is None:
        return "\n".join([f"{name}: CUDA is available", "", *_layers(diagnosis, None)])
    lines = [f"{name}: CUDA is not available: {ailment.id}"]
    if diagnosis.layers:
        lines += ["", *_layers(diagnosis, ailment.layer), "", diagnosis.smi]
    said = {"why": ailment.cause, "seen": diagnosis.signs, "fix": ailment.fix}
    lines += ["", *(_wrapped(f"{word}: ", sentence) for word, sentence in said.items())]
    return "\n".join(lines)


def as_json(name: str, diagnosis: Diagnosis) -> str:
    """A JSON object; `ailment` is null when CUDA is available."""
    ailment = diagnosis.ailment
    found = ailment and {
        "id": ailment.id,
        "layer": str(ailment.layer),
        "cause": ailment.cause,
        "seen": diagnosis.signs,
        "fix": ailment.fix,
    }
    layers = {str(layer): what for layer, what in diagnosis.layers}
    data = {"name": name, "available": ailment is None, "ailment": found, "layers": layers}
    return json.dumps(data | {"nvidia-smi": diagnosis.smi}, indent=2)


def _layers(diagnosis: Diagnosis, broken: Layer | None) -> list[str]:
    order = list(Layer)
    lines = []
    for layer, what in diagnosis.layers:
        above = broken is not None and order.index(layer) > order.index(broken)
        mark = "BROKEN" if layer is broken else "-" if above else "ok"
        lines.append(_wrapped(f"{layer:9}  {mark:6}  ", what))
    return lines


def _wrapped(begin: str, sentence: str) -> str:
    indent = " " * len(begin)
    return fill(
        sentence,
        _WIDTH,
        initial_indent=begin,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
