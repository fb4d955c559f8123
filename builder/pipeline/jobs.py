"""jobs: cuts a plan into the jobs of a CI service, which need nothing from each other but the registry.

A job is a shard of a platform, so that any machine cuts it the same way at any time, whatever other jobs have
done by then. Shards without work get no job.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from builder.matrix.select import Shard
from builder.model.cell import Level, Target
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.pipeline.staging.plan import Step
from builder.report.azure import HOSTED
from builder.report.jobs import Job

# GitHub's documented limit of a job matrix, and Azure's; what is above it is cut off without a word.
MOST_JOBS = 256


class Service(StrEnum):
    """A CI service, whose plan has a format of this name."""

    GITHUB = "github"
    GITLAB = "gitlab"
    AZURE = "azure"


# The machines that a service lends, and what people usually call their own: by labels on GitHub, by tags on
# GitLab, by a pool on Azure Pipelines, of Microsoft's own with its image.
_HOSTED: Mapping[Service, Mapping[str, tuple[str, ...]]] = {
    Service.GITHUB: {"linux/amd64": ("ubuntu-24.04",), "linux/arm64": ("ubuntu-24.04-arm",)},
    Service.GITLAB: {
        "linux/amd64": ("saas-linux-small-amd64",),
        "linux/arm64": ("saas-linux-small-arm64",),
    },
    Service.AZURE: {"linux/amd64": (HOSTED, "ubuntu-24.04")},
}
_OWN: Mapping[Service, Mapping[str, tuple[str, ...]]] = {
    Service.GITHUB: {
        "linux/amd64": ("self-hosted", "linux", "x64", "gpu"),
        "linux/arm64": ("self-hosted", "linux", "arm64", "gpu"),
    },
    Service.GITLAB: {"linux/amd64": ("gpu", "amd64"), "linux/arm64": ("gpu", "arm64")},
    Service.AZURE: {},
}


@dataclass(frozen=True, slots=True)
class Runners:
    """The labels of the machines that do a kind of work, by platform, and how many jobs they may get."""

    labels: Mapping[str, tuple[str, ...]]
    most: int = MOST_JOBS

    @classmethod
    def hosted(
        cls, words: Sequence[str] = (), most: int = MOST_JOBS, service: Service = Service.GITHUB
    ) -> "Runners":
        """The service's machines of each architecture, unless `PLATFORM=LABEL[,LABEL]` names others."""
        return cls(_with(_HOSTED[service], words), most)

    @classmethod
    def own(
        cls, words: Sequence[str] = (), most: int = MOST_JOBS, service: Service = Service.GITHUB
    ) -> "Runners":
        """Self-hosted runners with the label `gpu`, unless `PLATFORM=LABEL[,LABEL]` names others."""
        return cls(_with(_OWN[service], words), most)

    def of(self, platform: Platform) -> tuple[str, ...]:
        """The labels for a platform.

        Raises:
            BuilderError: (10) when nobody said which machines those are.
        """
        if labels := self.labels.get(str(platform)):
            return labels
        raise BuilderError(
            ExitCode.TOOL_MISSING,
            f"no runner is known for {platform}",
            fix=f"Name its labels: --runner {platform}=LABEL, and --gpu-runner for its tests on a GPU.",
        )


def build_jobs(targets: Sequence[Target], steps: Sequence[Step], runners: Runners) -> tuple[Job, ...]:
    """Jobs for `bake`: they build what staging lacks, and test what needs no GPU."""
    return _jobs(targets, [s for s in steps if s.staged is None or not (s.tested or _on_gpu(s))], runners)


def smoke_jobs(targets: Sequence[Target], steps: Sequence[Step], runners: Runners) -> tuple[Job, ...]:
    """Jobs for `smoke` on machines with a GPU, for images that need such a test, built by now or not."""
    return _jobs(targets, [step for step in steps if _on_gpu(step) and not step.tested], runners)


def _on_gpu(step: Step) -> bool:
    return step.cell.require is Level.GPU


def _jobs(targets: Sequence[Target], steps: Sequence[Step], runners: Runners) -> tuple[Job, ...]:
    wanted: dict[Platform, set[str]] = {}
    for step in steps:
        wanted.setdefault(step.cell.platform, set()).add(step.build.target)
    jobs: list[Job] = []
    for platform, names in sorted(wanted.items()):
        room = _share(len(names), len(steps), len(wanted), runners.most)
        labels = runners.of(platform)
        jobs += _cut(_on(targets, platform), names, str(platform), labels, room)
    return tuple(jobs)


def _share(mine: int, all_: int, platforms: int, most: int) -> int:
    """How many shards a platform may have, so that all platforms together stay within `most` jobs.

    Where there is less work than jobs, shards without work leave enough room; else each platform gets one
    job, and of the rest its part.
    """
    return most if all_ <= most else 1 + max(0, most - platforms) * mine // all_


def _on(targets: Sequence[Target], platform: Platform) -> tuple[Target, ...]:
    """What `--platform` leaves of the targets."""
    narrowed = (replace(t, cells=tuple(c for c in t.cells if c.platform == platform)) for t in targets)
    return tuple(target for target in narrowed if target.cells)


def _cut(
    targets: Sequence[Target], wanted: Collection[str], platform: str, labels: tuple[str, ...], room: int
) -> list[Job]:
    count = min(len(targets), room)
    jobs = []
    for index in range(1, count + 1):
        mine = [target.name for target in Shard(index, count)(targets) if target.name in wanted]
        if mine:
            more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
            jobs.append(Job(f"{mine[0]}{more}", platform, f"{index}/{count}", labels, len(mine)))
    return jobs


def _with(known: Mapping[str, tuple[str, ...]], words: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({**known, **dict(map(_labels, words))})


def _labels(word: str) -> tuple[str, tuple[str, ...]]:
    platform, equals, labels = word.partition("=")
    found = tuple(filter(None, (label.strip() for label in labels.split(","))))
    try:
        if equals and found:
            return str(Platform.parse(platform)), found
    except ValueError:
        pass
    raise BuilderError(
        ExitCode.MATRIX,
        f"{word!r} names no runner",
        fix="Write PLATFORM=LABEL[,LABEL], as linux/arm64=big-arm.",
    )
