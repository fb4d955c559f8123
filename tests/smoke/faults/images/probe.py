"""Images that do not let the probe run to its end."""

from builder.model.probe import Limits

from ..fault import ImageFault

HOOK = (
    "RUN python3 -c \"import site; open(site.getsitepackages()[0] + '/hook.pth', 'w').write('import {0}')\""
)

PROBE = (
    ImageFault(
        "nothing-lent",
        "an image without Python declared with one, so that none is lent",
        ("probe.complete",),
        on="bare",
        lines=("ENV NOTHING=lent",),
        changes={"python": "3.11"},
        at_least=True,
    ),
    ImageFault(
        "no-python", "no python3 on PATH", ("probe.complete",), lines=("ENV PATH=/nowhere",), at_least=True
    ),
    ImageFault(
        "python-leaves",
        "a python that ends as soon as it starts",
        ("probe.complete",),
        lines=(HOOK.format("os; os._exit(0)"),),
        at_least=True,
    ),
    ImageFault(
        "python-crashes",
        "a python that crashes as soon as it starts",
        ("probe.complete",),
        lines=(HOOK.format("ctypes; ctypes.string_at(0)"),),
        at_least=True,
    ),
    ImageFault(
        "python-hangs",
        "a python that never gets to the program",
        ("probe.complete",),
        lines=(HOOK.format("time; time.sleep(9999)"),),
        limits=Limits(seconds=1),
        at_least=True,
    ),
    ImageFault(
        "python-forks",
        "a python that forks until it may not",
        ("probe.complete",),
        lines=(HOOK.format("os; [os.fork() for _ in range(64)]"),),
        limits=Limits(seconds=30, processes=64),
        at_least=True,
    ),
    ImageFault(
        "python-devours",
        "a python that takes more memory than it is given",
        ("probe.complete",),
        lines=(HOOK.format("os; x = bytearray(os.urandom(1)) * (1 << 30)"),),
        limits=Limits(seconds=30, memory=256 << 20),
        at_least=True,
    ),
)
