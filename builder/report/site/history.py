"""The past as charts: sizes, and how long builds and tests took, over the releases."""

from collections.abc import Callable, Mapping

from builder.model.duration import show_duration
from builder.model.platform import Platform
from builder.model.size import show_size
from builder.report.family.values import Family, Member, Point
from builder.report.site.charts import Chart, chart


def of_member(member: Member) -> tuple[Chart, ...]:
    """The sizes of a member, and the seconds that it took to build and to test, by platform."""
    charts = (
        _by_platform("Compressed size", member, lambda point: point.sizes, _size),
        _by_platform("Build", member, lambda point: point.built, show_duration),
        _by_platform("Smoke test", member, lambda point: point.tested, show_duration),
    )
    return tuple(filter(None, charts))


def of_family(family: Family) -> tuple[Chart, ...]:
    """The whole family: its size, the number of its images, and the seconds of all of them together."""
    releases = family.releases
    moments = [f"{release.day:%d %b %y}" for release in releases]
    charts = (
        chart("Stored in the registry", moments, [("stored", [float(r.size) for r in releases])], _size),
        chart("Images", moments, [("images", [float(r.images) for r in releases])], lambda n: f"{n:.0f}"),
        chart(
            "Builds of all images, added up",
            moments,
            [("builds", [r.built for r in releases])],
            show_duration,
        ),
        chart(
            "Tests of all images, added up", moments, [("tests", [r.tested for r in releases])], show_duration
        ),
    )
    return tuple(filter(None, charts))


def _by_platform(
    title: str,
    member: Member,
    values: Callable[[Point], Mapping[Platform, float]],
    shown: Callable[[float], str],
) -> Chart | None:
    platforms = sorted({platform for point in member.history for platform in values(point)})
    series = [(p.slug, [values(point).get(p) for point in member.history]) for p in platforms]
    return chart(title, [f"{point.day:%d %b %y}" for point in member.history], series, shown)


def _size(count: float) -> str:
    return show_size(int(count))
