"""The jobs that a plan comes to, as a CI service takes them."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """One machine's part of the work, in words: `platform` and `shard` are what the commands' flags take.

    `name` is for people; `runner` are the labels that the machine must have; `images` is how many images
    have something to be done.
    """

    name: str
    platform: str
    shard: str
    runner: tuple[str, ...]
    images: int


@dataclass(frozen=True, slots=True)
class Task:
    """What all jobs work on: a matrix, and the selectors that narrow it."""

    file: str
    words: tuple[str, ...] = ()

    def command(self, verb: str, job: Job | None = None) -> str:
        """The line that a person would type, for a job's part of the work or for all of it."""
        part = ("--platform", job.platform, "--shard", job.shard) if job else ()
        return shlex.join(("python", "-m", "builder", verb, "-f", self.file, *self.words, *part))


def github(matrices: Mapping[str, Sequence[Job]]) -> str:
    """Lines for `$GITHUB_OUTPUT`: a job matrix under each name, and nothing where there are no jobs.

    GitHub fails a job whose matrix is empty; an empty output is what its `if` can ask for.
    """
    return "\n".join(f"{name}={_matrix(jobs)}" for name, jobs in matrices.items())


def _matrix(jobs: Iterable[Job]) -> str:
    entries = [
        {
            "name": job.name,
            "platform": job.platform,
            "shard": job.shard,
            "runner": list(job.runner),
            "images": job.images,
        }
        for job in jobs
    ]
    return json.dumps({"include": entries}, separators=(",", ":")) if entries else ""
