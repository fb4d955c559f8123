"""The site's files: small, whole, alone in the world, and harmless whatever names a registry holds."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from builder.model.duration import show_duration
from builder.model.errors import BuilderError
from builder.pipeline.pages import write
from builder.report.family import saved
from builder.report.family.data import data
from builder.report.site import history, sharing
from builder.report.site.charts import chart
from builder.report.site.fits import fits
from builder.report.site.pages import MARK, page, pages
from tests.report.html import Links
from tests.report.planted import family
from tests.servers.images import AMD64, ARM64

FAMILY = family()
PAGES = pages(FAMILY)


def texts(made: Mapping[str, str]) -> dict[str, str]:
    """The HTML of every page; the front page has the list, which its script puts there."""
    later = json.loads(made["family.js"].removeprefix("const FAMILY = ").removesuffix(";\n"))
    found = {name: text for name, text in made.items() if name.endswith(".html")}
    return {**found, "index.html": found["index.html"] + later["list"]}


@cache
def html() -> dict[str, Links]:
    return {name: Links(text) for name, text in texts(PAGES).items()}


def test_the_front_page_of_104_targets_is_under_a_megabyte_with_all_that_it_loads() -> None:
    loaded = ("index.html", "family.js")
    assert sum(len(PAGES[name].encode()) for name in loaded) < 1_000_000
    assert len(html()) == 105


# Tests time nothing, but what a browser reads and makes elements of before it fires `load` is most of what
# opening the front page takes, and can be counted: 91 kB and 954 elements now; 220 kB and 2,263 with the
# rows of the list in the page (docs/measurements.md, "The family's page").
BYTES_BEFORE_LOAD, ELEMENTS_BEFORE_LOAD = 110_000, 1_000


def weight(front: str) -> tuple[int, int]:
    """Bytes of the front page, and its elements without those that a browser with scripts reads as text."""
    return len(front.encode()), Links(re.sub(r"(?s)<noscript.*?</noscript>", "", front)).elements


def test_the_front_page_of_104_targets_stays_light_before_its_load_event() -> None:
    front = PAGES["index.html"]
    loaded = [link for link in Links(front).loaded if not link.startswith(("data:", "#"))]
    assert loaded == [], "a browser that starts waits for each file"
    size, elements = weight(front)
    assert size < BYTES_BEFORE_LOAD
    assert elements < ELEMENTS_BEFORE_LOAD


def test_the_list_put_back_into_the_page_would_be_too_heavy() -> None:
    size, elements = weight(texts(PAGES)["index.html"])
    assert size > BYTES_BEFORE_LOAD
    assert elements > ELEMENTS_BEFORE_LOAD


def test_the_style_has_few_fonts_to_ask_the_system_for() -> None:
    style = PAGES["style.css"]
    assert set(re.findall(r"font-weight: ([^;} ]+)", style)) == {"400", "600"}
    assert len(set(re.findall(r"font-size: ([^;}]+)", style))) <= 10


def test_every_link_leads_to_a_file_of_the_site() -> None:
    for name, links in html().items():
        for link in links.found:
            path, _, fragment = link.partition("#")
            if path.startswith("data:image/svg+xml"):
                continue
            assert not re.match(r"[a-z]+:|//", path), f"{name} refers to {link}"
            target = name if not path else _joined(name, path)
            assert target in PAGES, f"{name} refers to {link}"
            assert not fragment or fragment in html()[target].ids


def test_nothing_is_asked_of_the_network() -> None:
    for name in ("index.html", "page.js", "style.css"):
        text = PAGES[name].replace("http://www.w3.org/2000/svg", "the name of a format")
        assert not re.search(r"fetch\(|XMLHttpRequest|import\(|@import|url\(|https?://", text), name


def test_the_same_family_gives_the_same_bytes() -> None:
    assert dict(pages(family())) == dict(PAGES)


def test_hostile_names_stay_text_and_in_the_folder(tmp_path: Path) -> None:
    evil = '../../"><script>alert(1)</script>'
    member = replace(FAMILY.members[0], name=evil, rolling=(evil,), reasons=(evil,), tags=(evil,))
    made = pages(replace(FAMILY, members=(member,), releases=()))
    assert all("&lt;script&gt;alert" in text for text in texts(made).values())
    assert not any("<script>alert" in text for text in texts(made).values())
    assert page(member).count("/") == 1
    write(made, MARK, tmp_path / "site")
    inside = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert inside == {tmp_path / "site" / name for name in made}


def test_a_family_of_nothing_has_a_page() -> None:
    made = pages(replace(FAMILY, members=(), releases=()))
    assert "Nothing is released yet." in made["index.html"]


def test_the_answers_cover_every_machine_and_kind() -> None:
    found = fits(FAMILY)
    kinds = {kind for kinds in found["images"].values() for kind in kinds.values()}
    assert all(len(verdicts) == len(kinds) for verdicts in found["verdicts"])
    assert len(found["sizes"]) > 100
    assert found["gpus"]["V100"].keys() >= {"", "535", "580"}
    numbers = {number for verdicts in found["verdicts"] for number in verdicts}
    assert numbers == set(range(len(found["answers"])))


def test_parts_add_up_to_what_is_pulled_and_stored() -> None:
    parts = sharing.sharing(FAMILY)
    assert parts[0].pulled_percent == 100
    assert all(part.stored <= part.pulled for part in parts)
    assert sum(part.pulled for part in parts) == pytest.approx(FAMILY.pulled, rel=0.001)
    assert sum(part.stored for part in parts) == pytest.approx(FAMILY.stored, rel=0.001)


def test_what_is_an_images_own_is_in_no_other() -> None:
    one, *rest = FAMILY.images
    alone = replace(FAMILY, members=tuple(replace(m, images=m.images[:1]) for m in FAMILY.members[:1]))
    assert saved.own(one, saved.uses(alone)) == one.size
    others = {layer.digest for image in rest for layer in image.layers}
    expected = sum(layer.size for layer in one.layers if layer.digest not in others)
    assert 0 < expected < one.size
    assert saved.own(one, saved.uses(FAMILY)) == expected


def test_machine_data_is_what_json_says() -> None:
    assert json.loads(PAGES[MARK]) == json.loads(json.dumps(data(FAMILY)))


def test_a_site_replaces_a_site_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write(PAGES, MARK, folder)
    (folder / "images" / "stale.html").write_text("old")
    write(PAGES, MARK, folder)
    assert not (folder / "images" / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    other = tmp_path / "mine"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(BuilderError, match="something else"):
        write(PAGES, MARK, other)
    assert (other / "thesis.txt").read_text() == "years of work"


def test_charts_have_gaps_where_values_are_missing() -> None:
    drawn = chart("x", ["a", "b", "c", "d"], [("one", [1.0, None, 3.0, 4.0])], str)
    assert drawn is not None
    assert [len(run) for run in drawn.lines[0].runs] == [1, 2]
    assert drawn.told == "x: one from 1.0 to 4.0"
    assert drawn.rows == (("a", ("1.0",)), ("b", ("",)), ("c", ("3.0",)), ("d", ("4.0",)))
    assert chart("x", ["a"], [("one", [1.0])], str) is None
    assert chart("x", ["a", "b"], [("one", [None, 1.0])], str) is None


def test_what_builds_and_tests_took_is_on_the_pages_as_plots_and_as_tables() -> None:
    member = FAMILY.members[0]
    drawn = {made.title: made for made in history.of_member(member)}
    assert set(drawn) == {"Compressed size", "Build", "Smoke test"}
    for name, values in (("Build", "built"), ("Smoke test", "tested")):
        told = [getattr(point, values)[platform] for point in member.history for platform in (AMD64, ARM64)]
        assert [value for _, line in drawn[name].rows for value in line] == list(map(show_duration, told))
        text = PAGES[page(member)]
        assert drawn[name].told in text
        table = text.partition(f"{name} </span>as a table</summary>")[2].partition("</table>")[0]
        assert re.findall(r'<td class="number">(.*?)</td>', table) == list(map(show_duration, told))
    assert {"Builds of all images, added up", "Tests of all images, added up"} <= {
        made.title for made in history.of_family(FAMILY)
    }


def test_a_release_that_does_not_tell_what_its_builds_took_is_a_gap_in_the_plot() -> None:
    first, second, *rest = FAMILY.releases
    lost = replace(FAMILY, releases=(first, replace(second, built=None), *rest))
    (drawn,) = (made for made in history.of_family(lost) if made.title.startswith("Builds"))
    assert [len(run) for run in drawn.lines[0].runs] == [1, 8]
    assert pages(lost)["index.html"].count(">not known<") == 1
    silent = replace(FAMILY, releases=tuple(replace(one, built=None) for one in FAMILY.releases))
    assert not [made for made in history.of_family(silent) if made.title.startswith("Builds")]


def _joined(page_: str, link: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page_).parent / link).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
