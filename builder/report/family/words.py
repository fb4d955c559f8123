"""What is said of a member in every format: sizes, needs, tests, ends, and the command that runs it."""

from dataclasses import dataclass
from datetime import date, timedelta

from builder.facts.forecast import forecast
from builder.facts.version import parts
from builder.matrix.machines.needs import needs
from builder.model.cell import Level, Source
from builder.model.reference import Repository
from builder.report.family.values import Member, State

SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class End:
    """When the bases of a member reach their end of life: `due` where that is past or near.

    `when` and `deletable` are None where nobody knows the day; `sure` is False for what could not be checked.
    """

    when: date | None
    deletable: date | None
    why: str
    due: bool
    past: bool
    sure: bool


def platforms(member: Member) -> str:
    """The architectures: `amd64 arm64`."""
    return " ".join(platform.slug for platform in member.platforms)


def driver(member: Member) -> str:
    """The oldest driver that runs all its platforms; empty where it needs none or nobody knows."""
    floors = (floor for cell in member.cells if (floor := needs(cell).min_driver))
    return max(floors, key=parts, default="")


def gpus(member: Member) -> str:
    """The compute capabilities it has machine code for, `7.5 to 12.0`; empty where it has none."""
    known = [archs for cell in member.cells if (archs := needs(cell).archs)]
    codes = sorted({code for archs in known for code in archs.sass}, key=parts)
    return f"{codes[0]} to {codes[-1]}" if codes else ""


def tested(member: Member) -> str:
    """On what its images were tested, and when last: `NVIDIA H200, cpu, 2026-11-21`."""
    proofs = [image.proof for image in member.images if image.proof]
    if not proofs:
        return ""
    places = dict.fromkeys(proof.host.get("gpu") or str(proof.level) for proof in proofs)
    return ", ".join([*places, f"{max(proof.when for proof in proofs):%Y-%m-%d}"])


def on_gpu(member: Member) -> bool:
    """Whether each of its images was tested on a GPU."""
    return bool(member.images) and all(i.proof and i.proof.level is Level.GPU for i in member.images)


def state(member: Member) -> str:
    """Its state, and that an update waits."""
    return (
        f"{member.state}, update pending"
        if member.state is State.PUBLISHED and member.reasons
        else str(member.state)
    )


def end(member: Member, today: date) -> End | None:
    """What NVIDIA's policy means for its base images; None where those are not NVIDIA's or not ending."""
    cells = [cell for cell in member.cells if cell.source is Source.UPSTREAM and cell.cuda]
    found = forecast(cells[0].cuda) if cells else None
    if found is None or (found.eol is None and found.superseded_by is None):
        return None
    past = found.is_eol(today)
    due = past or (found.eol is not None and found.eol <= today + SOON)
    return End(found.eol, found.deletable, found.why, due, past, not found.unverified)


def run_line(member: Member, repository: Repository) -> str:
    """The command that starts it."""
    gpus_ = "--gpus all " if member.cells and member.cells[0].cuda else ""
    return f"docker run --rm -it {gpus_}{repository}:{member.tag}"
