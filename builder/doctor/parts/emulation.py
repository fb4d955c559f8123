"""Emulators for the platforms that are not this machine's own."""

from collections.abc import Iterator

from builder.doctor.observation import Job, Observation, Part, of
from builder.doctor.survey import Emulator, Needs, Survey
from builder.facts import emulators
from builder.model.platform import Platform

_JOBS = (Job.BAKE, Job.SMOKE)


def check_emulation(survey: Survey, needs: Needs) -> Iterator[Observation]:
    """One observation a foreign architecture. Where none is there, the builder says whether that hurts."""
    for name in needs.platforms:
        platform = Platform.parse(name)
        entries = [entry for entry in survey.emulators if entry.arch == platform.architecture]
        if platform.machine == survey.system.machine or not entries:
            continue
        # The kernel takes the newest entry, which nothing shows; the worst one may be it.
        observations = [_entry(entry, needs) for entry in entries]
        yield max(observations, key=lambda one: ("ok", "note", "broken").index(one.state))


def _entry(entry: Emulator, needs: Needs) -> Observation:
    say = of(Part.EMULATION, _JOBS)
    install = f"docker run --privileged --rm tonistiigi/binfmt --install {entry.arch}"
    replace = f"docker run --privileged --rm tonistiigi/binfmt --uninstall {entry.name} && {install}"
    named = f"{entry.arch} by {entry.interpreter} {entry.version}".rstrip()
    if not entry.enabled:
        return say.broken(
            f"{named}: the entry {entry.name} is disabled",
            f"echo 1 | sudo tee /proc/sys/fs/binfmt_misc/{entry.name}",
        )
    if "F" not in entry.flags:
        what = f"{named}: without the flag F containers would need an emulator of their own"
        return say.broken(what, replace)
    if not entry.version:
        return say.ok(f"{named} (flags {entry.flags}); its version cannot be asked from here")
    works = emulators.runs_torch(entry.version, entry.arch)
    if works is False:
        what = f"{named} crashes on `import torch`"
        return say.broken(what, replace) if needs.torch else say.note(what, replace)
    doubt = "" if works else "; nobody tried `import torch` with it"
    return say.ok(f"{named} (flags {entry.flags}){doubt}")
