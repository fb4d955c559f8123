"""torch: what it was built for, what it says of CUDA, and which libraries it has loaded by then."""

from __future__ import annotations

import importlib
import importlib.util

from builder.smoke.probes import inventory
from builder.smoke.probes.libraries import loaded
from builder.smoke.probes.promise import Facts, Promise


def torch(_promise: Promise, facts: Facts) -> str:
    """Imports it, starts CUDA through it, and multiplies on the GPU if there is one."""
    facts["cudnn.copies"] = "\n".join(inventory.copies("cudnn"))
    if importlib.util.find_spec("torch") is None:
        return "no torch"
    facts["torch.there"] = "yes"
    module = importlib.import_module("torch")
    facts["torch.version"] = str(module.__version__)
    facts["torch.cuda"] = str(module.version.cuda or "")
    facts["torch.archs"] = " ".join(module.cuda.get_arch_list())
    facts["torch.available"] = "yes" if module.cuda.is_available() else ""
    try:
        module.cuda.init()  # says why, which is_available() does not
        module.backends.cudnn.version()
        product = module.ones(8, 8, device="cuda") @ module.ones(8, 8, device="cuda")
        facts["torch.works"] = "yes" if float(product.sum()) == 8.0**3 else ""
    except Exception as error:  # whatever it raises is what the user has to be told
        facts["torch.problem"] = f"{type(error).__name__}: {error}".splitlines()[0]
    facts["cudnn.loaded"] = "\n".join(loaded("cudnn"))
    return facts["torch.version"]
