"""How large a family's page is and how fast it loads and filters, made from a registry with a real history.

    python -m benchmarks.page [--targets 104] [--releases 10] [--keep FOLDER]

Needs docker-registry and a Chromium. So many targets on two platforms are staged and released, a fifth of
them anew in each later release; the family is then read from the registry alone, as `report --site` does it,
and its page opened from disk. Load is from the start of the navigation to the end of its load event, filter
from the event of an input to the end of the layout that follows. Medians of so many runs.
"""

import argparse
import json
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from builder.bake.labels import INPUTS, OURS
from builder.model.release import Candidate
from builder.pipeline.pages import write
from builder.pipeline.release import release
from builder.pipeline.report import collect
from builder.registry import Registry
from builder.report.family.values import Member
from builder.report.site.pages import MARK, pages
from tests.release.family import Family
from tests.release.make import EPOCH, NOW, candidate
from tests.report.browser import chromium, visit
from tests.report.planted import members
from tests.servers.fixtures import QUICK
from tests.servers.registry import registry_server

RUNS = 15
LOADED = ("index.html", "style.css", "theme.js", "page.js", "fits.js")
# What people do on the page, as inputs to its forms.
ACTIONS = {
    "a flavor": "document.querySelector('input[value=devel]').click()",
    "two words of search": "search.value = 'torch ubuntu'; filters.dispatchEvent(new Event('input'))",
    "a GPU": "gpu.value = 'V100'; machine.dispatchEvent(new Event('input'))",
}
TIMED = """(action) => {
  const began = performance.now();
  eval(action);
  document.body.offsetHeight;
  return performance.now() - began;
}"""
NAVIGATION = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def publish(family: Family, members: list[Member], number: int) -> None:
    """Release these members' targets with one layer that is new."""
    later = Family(family.registry, family.staging, family.release, epoch=EPOCH + timedelta(days=number))
    made = [_candidate(later, member) for member in members]
    report = release(family.registry, later.order(*made))
    assert report.records, report


def _candidate(family: Family, member: Member) -> Candidate:
    inputs = json.dumps({"epoch": family.epoch.isoformat(), "base": f"sha256:{family.epoch:%d}"})
    more = {INPUTS: inputs, **{f"{OURS}{axis}": value for axis, value in member.values.items()}}
    staged = [family.stage(family.image(member.name, cell.platform, more=more)) for cell in member.cells]
    for one, image in zip(staged, member.images, strict=True):
        for told in image.receipts:
            family.attach(one, level=told.level, checks=told.checks, host=told.host)
    return candidate(*staged, name=member.name, epoch=family.epoch)


def measure(browser: Browser, index: Path) -> dict[str, float]:
    """Medians in milliseconds; the CPU time is that of the page's main thread until its load event."""
    times: dict[str, list[float]] = {"load": [], "load, CPU time": [], **{name: [] for name in ACTIONS}}
    for _ in range(RUNS):
        with visit(browser, index) as opened:
            cpu = opened.page.context.new_cdp_session(opened.page)
            cpu.send("Performance.enable", {"timeDomain": "threadTicks"})
            opened.page.reload()
            metrics = {
                metric["name"]: metric["value"] for metric in cpu.send("Performance.getMetrics")["metrics"]
            }
            times["load"].append(opened.page.evaluate(NAVIGATION))
            times["load, CPU time"].append(1000 * metrics["TaskDuration"])
            for name, action in ACTIONS.items():
                times[name].append(_timed(opened.page, action))
            assert opened.complaints == [], opened.complaints
    return {name: statistics.median(found) for name, found in times.items()}


def _timed(page: Page, action: str) -> float:
    taken = float(page.evaluate(TIMED, action))
    page.evaluate("filters.reset(); machine.reset()")
    page.wait_for_timeout(50)
    return taken


def main() -> None:
    """Read the flags and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--targets", type=int, default=104)
    parser.add_argument("--releases", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="leave the site in this folder")
    arguments = parser.parse_args()
    everyone = members(arguments.targets)
    with tempfile.TemporaryDirectory() as folder, registry_server(Path(folder), in_memory=True) as server:
        with Registry(QUICK) as registry:
            family = Family(registry, server.repository("acme/cuda-staging"), server.repository("acme/cuda"))
            for number in range(arguments.releases):
                publish(family, everyone if number == 0 else everyone[number::5], number)
            began = time.perf_counter()
            found = collect(registry, family.release, NOW + timedelta(days=arguments.releases))
            read = time.perf_counter() - began
        made = pages(found)
        print(f"{len(found.members)} targets, {len(found.releases)} releases; read in {read:.1f} s,", end=" ")
        print(f"rendered in {time.perf_counter() - began - read:.1f} s")
        front = sum(len(made[name].encode()) for name in LOADED)
        print(f"front page with all that it loads: {front / 1e3:.0f} kB,", end=" ")
        print(f"the whole site: {sum(len(text.encode()) for text in made.values()) / 1e6:.1f} MB")
        site = (arguments.keep or Path(folder)) / "site"
        write(made, MARK, site)
        with chromium() as browser:
            for name, taken in measure(browser, site / "index.html").items():
                print(f"{name:24}{taken:6.0f} ms")


if __name__ == "__main__":
    main()
