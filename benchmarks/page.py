"""How large a family's page is and how fast it loads and filters, made from a registry with a real history.

    python -m benchmarks.page [--targets 104] [--releases 10] [--keep FOLDER]
    python -m benchmarks.page --site BEFORE --site AFTER

Needs docker-registry and a Chromium. So many targets on two platforms are staged and released, a fifth of
them anew in each later release; the family is then read from the registry alone, as `report --site` does it,
and its page opened from disk. With --site, sites that were kept are measured instead, each in turn. Load is
from the start of the navigation to the end of its load event, in a browser process that starts for it and in
one that has opened the page before; drawn is its first contentful paint; whole is until what comes after the
load event, the list and the answers, is there and a frame later; filter is from the event of an input to the
end of the layout that follows. CPU time is that of the page's main thread until the page is whole. An empty
page is measured beside them: what Chromium itself takes. Medians of so many runs, and the smallest.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path

from playwright.sync_api import Page

from builder.bake.labels import INPUTS, OURS
from builder.model.release import Candidate
from builder.pipeline.pages import write
from builder.pipeline.release import release
from builder.pipeline.report import collect
from builder.registry import Registry, map_concurrently
from builder.report.family.values import Member
from builder.report.site.pages import MARK, pages
from tests.release.family import Family
from tests.release.make import EPOCH, NOW, PROVENANCE, candidate, provenance
from tests.report.browser import chromium
from tests.report.planted import members
from tests.servers.fixtures import QUICK
from tests.servers.registry import registry_server

RUNS = 15
LOADED = ("index.html", "family.js")
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
WHOLE = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  while (document.scripts.length && !document.querySelector("#machines option")) await frame();
  await frame();
  return performance.now();
}"""

# Its entry comes when the frame is on the screen, which may be after the page is whole.
DRAWN = """new Promise((done) => {
  new PerformanceObserver((seen) => {
    for (const entry of seen.getEntriesByName("first-contentful-paint")) done(entry.startTime);
  }).observe({ type: "paint", buffered: true });
  if (!document.scripts.length) done(performance.now());
})"""


def publish(family: Family, members: list[Member], number: int) -> None:
    """Release these members' targets with one layer that is new."""
    later = Family(family.registry, family.staging, family.release, epoch=EPOCH + timedelta(days=number))
    made = map_concurrently(lambda member: _candidate(later, member), members)
    report = release(family.registry, later.order(*made))
    assert report.records, report


def _candidate(family: Family, member: Member) -> Candidate:
    inputs = json.dumps({"epoch": family.epoch.isoformat(), "base": f"sha256:{family.epoch:%d}"})
    more = {INPUTS: inputs, **{f"{OURS}{axis}": value for axis, value in member.values.items()}}
    staged = [family.stage(family.image(member.name, cell.platform, more=more)) for cell in member.cells]
    for one, image in zip(staged, member.images, strict=True):
        for told in image.receipts:
            family.attach(one, level=told.level, checks=told.checks, host=told.host)
        family.attest(one, PROVENANCE, provenance(image.built or 0))
    return candidate(*staged, name=member.name, epoch=family.epoch)


def measure(sites: Sequence[Path]) -> Iterator[tuple[Path, dict[str, list[float]]]]:
    """The milliseconds of all runs by what took them; each run visits every site, in a browser of its own."""
    found: dict[Path, dict[str, list[float]]] = {site: defaultdict(list) for site in sites}
    for _, site in product(range(RUNS), sites):
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            for kind in ("starting", "again"):
                for name, taken in _load(page, site / "index.html").items():
                    found[site][f"{name}, {kind}"].append(taken)
            if not (site / "page.js").exists():
                continue
            for name, action in ACTIONS.items():
                found[site][name].append(_timed(page, action))
    yield from found.items()


def _load(page: Page, file: Path) -> dict[str, float]:
    cpu = page.context.new_cdp_session(page)
    cpu.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(file.as_uri())
    whole = float(page.evaluate(WHOLE))
    metrics = {metric["name"]: metric["value"] for metric in cpu.send("Performance.getMetrics")["metrics"]}
    cpu.detach()
    load, drawn = float(page.evaluate(NAVIGATION)), float(page.evaluate(DRAWN))
    return {"load": load, "drawn": drawn, "whole": whole, "whole, CPU": 1000 * metrics["TaskDuration"]}


def _timed(page: Page, action: str) -> float:
    taken = float(page.evaluate(TIMED, action))
    page.evaluate("filters.reset(); machine.reset()")
    page.wait_for_timeout(50)
    return taken


def make(targets: int, releases: int, folder: Path) -> None:
    """Release a family so many times, and leave its site in a folder."""
    everyone = members(targets)
    with (
        tempfile.TemporaryDirectory() as scratch,
        registry_server(Path(scratch), in_memory=True) as server,
        Registry(QUICK) as registry,
    ):
        family = Family(registry, server.repository("acme/cuda-staging"), server.repository("acme/cuda"))
        for number in range(releases):
            publish(family, everyone if number == 0 else everyone[number::5], number)
        began = time.perf_counter()
        found = collect(registry, family.release, NOW + timedelta(days=releases))
        read = time.perf_counter() - began
    made = pages(found)
    print(f"{len(found.members)} targets, {len(found.releases)} releases; read in {read:.1f} s,", end=" ")
    print(f"rendered in {time.perf_counter() - began - read:.1f} s")
    write(made, MARK, folder)


def _size(site: Path, names: Iterable[str]) -> int:
    return sum(file.stat().st_size for file in map(site.joinpath, names) if file.is_file())


def main() -> None:
    """Read the flags and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--targets", type=int, default=104)
    parser.add_argument("--releases", type=int, default=10)
    parser.add_argument("--keep", type=Path, help="leave the site in this folder")
    parser.add_argument(
        "--site", type=Path, action="append", default=[], help="measure this one, made before"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        (empty / "index.html").write_text("<!doctype html><title>empty</title>")
        sites = arguments.site or [arguments.keep or Path(folder, "site")]
        if not arguments.site:
            make(arguments.targets, arguments.releases, sites[0])
        for site, found in measure([*sites, empty]):
            whole = _size(site, (str(file.relative_to(site)) for file in site.rglob("*")))
            print(f"{site.name}: {_size(site, LOADED) / 1e3:.0f} kB of {whole / 1e6:.1f} MB")
            for name, taken in found.items():
                print(f"  {name:24}{statistics.median(taken):6.0f} ms{min(taken):6.0f} ms")


if __name__ == "__main__":
    main()
