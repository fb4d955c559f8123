"""Planted faults in what registries say."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from builder.matrix.lock import Lock
from builder.matrix.survey import Absent, Answer, BaseAnswers, Contents, Found, Survey, Taken, Untold
from builder.model.digest import Digest
from builder.model.errors import ExitCode
from builder.model.reference import Repository
from tests.servers.images import AMD64, ARM64

MATRIX = """\
release: ghcr.io/acme/cuda
copies: docker.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
sources:
  upstream:
    repository: nvcr.io/nvidia/cuda
    mirrors:
      - mirror.example.com/nvidia/cuda
axes:
  cuda:
    - "13.0.3"
    - "13.2.1"
  os:
    - ubuntu24.04
  platform:
    - linux/amd64
    - linux/arm64
tags:
  release:
    - "{cuda}-{flavor}-{os}-{epoch:%Y%m%d}"
  rolling: "{cuda}-{flavor}-{os}"
budget:
  base: 300 MB
"""
RELEASE, COPY = Repository.parse("ghcr.io/acme/cuda"), Repository.parse("docker.io/acme/cuda")
STAGING = Repository.parse("ghcr.io/acme/cuda-staging")
ORIGIN, MIRROR = map(Repository.parse, ("nvcr.io/nvidia/cuda", "mirror.example.com/nvidia/cuda"))
OLD, NEW = (f"{ORIGIN}:{cuda}-base-ubuntu24.04" for cuda in ("13.0.3", "13.2.1"))
OTHER = Digest.of(b"pushed anew")
DOWN = Untold("it did not answer in time (tried 6 times)", "Run again later.", ExitCode.UNAVAILABLE)
DENIED = Untold("access is denied (403)", "Log in.", ExitCode.UNAUTHORIZED)


UPGRADED = Contents(
    image={
        "deb libcublas-13-2": "13.3.0.1-1",
        "deb bash": "5.3-1",
        "deb cuda-nvcc-13-2": "13.2.1-1",
        "pypi nvidia-nvtx": "13.3.0",
        "pypi torch": "2.13.0",
    },
    below={
        "deb libcublas-13-2": "13.2.0.9-1",
        "deb bash": "5.2-1",
        "deb cuda-cudart-13-2": "13.2.1-1",
        "pypi nvidia_nvtx": "13.2.20",
        "pypi torch": "2.13.0",
    },
)


def as_locked(lock: Lock) -> Survey:
    """The answers of registries that have everything as the lock has it."""
    bases = {
        name: BaseAnswers(dict.fromkeys((MIRROR, ORIGIN), Found(locked.index, locked.platforms)))
        for name, locked in lock.bases.items()
    }
    return Survey(bases, {RELEASE: frozenset({"release-20261101-1"}), COPY: frozenset()})


def _with(survey: Survey, name: str, **answers: Answer) -> Survey:
    """The survey with other answers about a base, by `mirror` and `origin`."""
    places = dict(survey.bases[name].places)
    places |= {{"mirror": MIRROR, "origin": ORIGIN}[place]: answer for place, answer in answers.items()}
    return replace(survey, bases={**survey.bases, name: BaseAnswers(places)})


def _everywhere(survey: Survey, name: str, answer: Answer) -> Survey:
    return _with(survey, name, mirror=answer, origin=answer)


def _gone(survey: Survey) -> Survey:
    listed = frozenset({"13.0.2-base-ubuntu24.04", "13.0.3-base-ubi9", "13.0.3-devel-ubuntu24.04"})
    return replace(_everywhere(survey, OLD, Absent()), tags={**survey.tags, ORIGIN: listed})


def _moved(survey: Survey) -> Survey:
    before = survey.bases[OLD].first
    assert before
    now = Found(OTHER, {**before.platforms, AMD64: OTHER})
    return _everywhere(survey, OLD, now)


def _moved_elsewhere(survey: Survey) -> Survey:
    before = survey.bases[OLD].first
    assert before
    return _everywhere(survey, OLD, replace(before, index=OTHER))


def _halved(survey: Survey) -> Survey:
    before = survey.bases[NEW].first
    assert before
    return _everywhere(survey, NEW, Found(before.index, {AMD64: before.platforms[AMD64]}))


def _lost(survey: Survey) -> Survey:
    answers = replace(survey.bases[OLD], lost=frozenset({ARM64}))
    return replace(survey, bases={**survey.bases, OLD: answers})


def _lagging(survey: Survey) -> Survey:
    before = survey.bases[NEW].first
    assert before
    return _with(survey, NEW, origin=Found(OTHER, {**before.platforms, ARM64: OTHER}))


@dataclass(frozen=True)
class Planted:
    """Answers with a fault, the rule that finds it, what it says, in which line, and of which cells."""

    rule: str
    plant: Callable[[Survey], Survey]
    said: str
    line: int
    fix: str = ""
    cells: int = 0
    severity: str = ""


def _taken(survey: Survey) -> Survey:
    tag = Taken(COPY, "13.2.1-base-ubuntu24.04-20261120", "13.2.1-base-ubuntu24.04-py3.12", (ARM64,))
    return replace(survey, taken=(tag,))


PLANTED = (
    Planted(
        "base-not-found",
        _gone,
        f"there is no 13.0.3-base-ubuntu24.04 in {MIRROR}, {ORIGIN}",
        11,
        "Nearest that exist: 13.0.2-base-ubuntu24.04, ",
        2,
    ),
    Planted(
        "base-without-platform", _halved, f"{NEW} has no linux/arm64, only linux/amd64", 17, "Exclude", 1
    ),
    Planted("base-moved", _moved, f"{OLD} has moved: linux/amd64 ", 11, "lock --update", 1),
    Planted("base-moved", _moved_elsewhere, "with the same images for these cells", 11, "", 2, "note"),
    Planted(
        "locked-base-lost",
        _lost,
        f"nobody has the locked digest of {OLD} for linux/arm64 any more",
        11,
        "lock --update",
        1,
    ),
    Planted("mirrors-disagree", _lagging, f"the places of {NEW} disagree on linux/arm64", 12, "mirrors", 1),
    Planted(
        "release-tag-taken",
        _taken,
        f"{COPY}:13.2.1-base-ubuntu24.04-20261120 is released already",
        20,
        "new epoch",
        1,
    ),
    Planted(
        "latest-published",
        lambda survey: replace(survey, tags={**survey.tags, COPY: frozenset({"latest"})}),
        f"{COPY} has the tag `latest`",
        2,
        "Delete",
    ),
    Planted(
        "budget-exceeded",
        lambda survey: replace(survey, sizes={("13.2.1-base-ubuntu24.04-py3.12", ARM64): 312_000_000}),
        "the image weighs 312 MB, and the budget of `base` is 300 MB",
        23,
        "raise the budget",
        1,
    ),
    Planted(
        "image-drifted",
        lambda survey: replace(survey, contents={("13.2.1-base-ubuntu24.04-py3.12", ARM64): UPGRADED}),
        "other parts of CUDA: libcublas-13-2 13.3.0.1-1 instead of 13.2.0.9-1, nvidia-nvtx 13.3.0 instead of",
        12,
        "Leave the upgrade out",
        1,
    ),
    Planted(
        "push-refused",
        lambda survey: replace(survey, refused={STAGING: DENIED}),
        f"the staging repository {STAGING} takes no push: access is denied (403)",
        3,
        "Log in.",
    ),
    Planted(
        "registry-unavailable",
        lambda survey: _everywhere(survey, OLD, DOWN),
        f"{ORIGIN} could not be asked: it did not answer in time",
        6,
        "Run again later.",
        2,
    ),
    Planted(
        "registry-unavailable",
        lambda survey: _with(survey, OLD, mirror=DOWN, origin=Absent()),
        f"{MIRROR} could not be asked",
        8,
        "Run again later.",
        2,
    ),
    Planted(
        "registry-unavailable",
        lambda survey: _with(survey, OLD, mirror=DOWN),
        "other places have these bases",
        8,
        "Run again later.",
        2,
        "warning",
    ),
    Planted(
        "registry-unavailable",
        lambda survey: replace(survey, untold={RELEASE: DOWN}),
        f"the release repository {RELEASE} could not be asked",
        1,
        "Run again later.",
    ),
)
