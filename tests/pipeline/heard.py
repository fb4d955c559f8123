"""A listener of the main job that remembers."""

from dataclasses import dataclass, field

from builder.model.outcome import TestOutcome
from builder.model.progress import Outlook, Progress
from builder.model.space import Space
from builder.pipeline.staging.build import Baked
from builder.pipeline.staging.plan import Step


@dataclass
class Heard:
    """What was said, in order."""

    steps: list[Progress] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    spaces: list[Space] = field(default_factory=list)
    outlooks: list[Outlook] = field(default_factory=list)

    def space(self, space: Space) -> None:
        self.spaces.append(space)

    def outlook(self, outlook: Outlook) -> None:
        self.outlooks.append(outlook)

    def progress(self, progress: Progress) -> None:
        self.steps.append(progress)

    def baked(self, baked: Baked) -> None:
        self.lines.append(f"{type(baked.outcome).__name__} {baked.step.build.name}")

    def testing(self, step: Step) -> None:
        self.lines.append(f"testing {step.build.name}")

    def tested(self, step: Step, outcome: TestOutcome) -> None:
        self.lines.append(f"{type(outcome).__name__} {step.build.name}")
