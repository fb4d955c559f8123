"""Line charts as coordinates, for the templates to draw as SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 150, 80, 16, 14, 26
_MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Dot:
    """A value at its place; `label` names the moment, `shown` is the value in words."""

    x: float
    y: float
    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class Line:
    """A series; it is broken into `runs` where values are missing. `values` are all in words, those empty."""

    name: str
    runs: tuple[tuple[Dot, ...], ...]
    values: tuple[str, ...]

    @property
    def dots(self) -> tuple[Dot, ...]:
        """All its dots."""
        return tuple(dot for run in self.runs for dot in run)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of `width` by `height`: grid lines with their labels, moments with theirs, and the lines.

    `moments` are those that have room for a label; `labels` has that of each.
    """

    title: str
    width: int
    height: int
    left: int
    right: int
    rules: tuple[tuple[float, str], ...]
    moments: tuple[tuple[float, str], ...]
    labels: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def told(self) -> str:
        """What it shows, in a sentence for those who do not see it."""
        ends = (f"{line.name} from {line.dots[0].shown} to {line.dots[-1].shown}" for line in self.lines)
        return f"{self.title}: {'; '.join(ends)}"

    @property
    def rows(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The same as a table: each moment with the values of the lines."""
        return tuple(zip(self.labels, zip(*(line.values for line in self.lines), strict=True), strict=True))


def chart(
    title: str,
    moments: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    shown: Callable[[float], str],
    width: int = 520,
) -> Chart | None:
    """The chart of some series over the same moments; None with less than two values, which are no line."""
    known = [(name, values) for name, values in series if any(value is not None for value in values)]
    every = [value for _, values in known for value in values if value is not None]
    if len(every) < 2 or len(moments) < 2:  # noqa: PLR2004  a line needs two points
        return None
    top = max(every) * 1.08 or 1.0
    span = width - _LEFT - _RIGHT

    def x(i: int) -> float:
        return round(_LEFT + span * i / (len(moments) - 1), 1)

    def y(value: float) -> float:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top), 1)

    def run(name: str, values: Sequence[float | None]) -> Line:
        dots = [None if v is None else Dot(x(i), y(v), moments[i], shown(v)) for i, v in enumerate(values)]
        return Line(name, _runs(dots), tuple(dot.shown if dot else "" for dot in dots))

    step = max(1, -(-len(moments) // _MOST_LABELS))
    return Chart(
        title=title,
        width=width,
        height=_HEIGHT,
        left=_LEFT,
        right=width - _RIGHT,
        rules=tuple((y(max(every) * part), shown(max(every) * part)) for part in (0, 0.5, 1)),
        moments=tuple((x(i), moments[i]) for i in range(len(moments) - 1, -1, -step)),
        labels=tuple(moments),
        lines=tuple(run(name, values) for name, values in known),
    )


def _runs(dots: Sequence[Dot | None]) -> tuple[tuple[Dot, ...], ...]:
    runs: list[list[Dot]] = [[]]
    for dot in dots:
        if dot:
            runs[-1].append(dot)
        elif runs[-1]:
            runs.append([])
    return tuple(tuple(run) for run in runs if run)
