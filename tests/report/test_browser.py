"""The site in a real browser: clicked, typed into, looked at by axe-core, on a desktop and on a phone."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, Page, Route

from builder.pipeline.pages import write
from builder.report.site.pages import MARK, pages
from tests.report.browser import Visit, chromium, install_axe, violations, visit
from tests.report.planted import family

IMAGE = "13.0.3-cudnn-runtime-debian12-py3.11-torch2.14.1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    write(pages(family()), MARK, folder)
    return folder


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_axe(tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def front(browser: Browser, site: Path) -> Iterator[Visit]:
    with visit(browser, site / "index.html") as opened:
        whole(opened.page)
        yield opened
        assert opened.complaints == []
        assert all(url.startswith(("file:", "data:")) for url in opened.asked), opened.asked


def whole(page: Page) -> None:
    """Wait for what comes when the page stands."""
    page.wait_for_selector("#list tbody tr", state="attached")


def answer(page: Page, gpu: str, driver: str = "") -> str:
    """What the page says when somebody asks."""
    page.fill("#gpu", gpu)
    if driver:
        page.select_option("#driver", driver)
    return page.inner_text("#answer")


def said(page: Page) -> str:
    """What a screen reader reads out after a click, once there is something."""
    status = page.get_by_role("status").and_(page.locator("#said"))
    page.wait_for_function("document.querySelector('#said').textContent")
    return str(status.text_content())


def visible(page: Page) -> list[str]:
    return [str(cell.get_attribute("data-name")) for cell in page.locator("#grid .cell:visible").all()]


def test_filters_narrow_the_grid_and_the_address_keeps_them(
    front: Visit, browser: Browser, site: Path
) -> None:
    page = front.page
    assert len(visible(page)) == 104
    page.get_by_text("devel", exact=True).first.click()
    page.locator("#filters").get_by_text("13.0.3").click()
    shown = visible(page)
    assert len(shown) == 6
    assert all(name.startswith("13.0.3-devel-") for name in shown)
    assert page.inner_text("#count") == "6 of 104 images"
    with visit(browser, site / "index.html") as other:
        other.page.goto(page.url)
        other.page.wait_for_function("document.querySelector('#count').textContent === '6 of 104 images'")
        assert visible(other.page) == shown
    page.get_by_role("button", name="Clear all").click()
    page.wait_for_function("document.querySelectorAll('#grid .cell:not([hidden])').length === 104")


def test_search_finds_tags_digests_and_packages_and_says_when_nothing_fits(front: Visit) -> None:
    page = front.page
    page.fill("#search", "13.0.3-devel-ubi9")
    assert visible(page) == ["13.0.3-devel-ubi9-py3.12"]
    page.fill("#search", "triton==3.8.0 rocky")
    assert len(visible(page)) == 4
    page.fill("#search", "no such thing")
    assert page.is_visible("#empty")
    page.click("#relax")
    page.wait_for_selector("#empty", state="hidden")


def test_the_page_says_which_image_runs_on_a_machine(front: Visit) -> None:
    page = front.page
    assert answer(page, "V100", "535").startswith("46 of 99 published images run on it.")
    page.check("#only")
    assert not [name for name in visible(page) if name.startswith("13.")]
    page.uncheck("#only")
    page.click("[data-view=list]")
    row = page.locator('#list tr[data-name="13.0.3-base-ubi9-py3.12"]')
    assert "CUDA 13.0 has dropped compute capability 7.0" in row.inner_text()
    assert "not known" in answer(page, "no such GPU")


def test_a_cloud_size_brings_its_own_driver(front: Visit) -> None:
    page = front.page
    assert "published images run on it" in answer(page, "aws:g5g.2xlarge")
    assert page.is_disabled("#driver")


def test_a_question_in_the_address_is_answered(front: Visit, browser: Browser, site: Path) -> None:
    with visit(browser, site / "index.html") as opened:
        opened.page.goto(f"{front.page.url}#gpu=V100&driver=535&only=1")
        opened.page.wait_for_function("document.querySelector('#answer').textContent.startsWith('46 of 99')")
        assert opened.page.inner_text("#count") == f"{len(visible(opened.page))} of 104 images"
        assert len(visible(opened.page)) < 60
        assert opened.page.locator("#machines option").count() > 100


def test_without_its_data_the_page_says_so_and_offers_nothing_that_needs_it(
    browser: Browser, site: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "site"
    copytree(site, copy)
    (copy / "family.js").unlink()
    with visit(browser, copy / "index.html", viewport={"width": 360, "height": 740}) as opened:
        page = opened.page
        page.wait_for_function("document.querySelector('#answer').textContent.includes('family.js')")
        assert "family.js" in page.inner_text("#count")
        assert len(visible(page)) == 104
        assert page.locator("form :enabled, .views :enabled").count() == 0


def test_a_browser_without_scripts_shows_the_family_its_changes_and_its_plots(
    browser: Browser, site: Path
) -> None:
    with visit(browser, site / "index.html", java_script_enabled=False) as opened:
        assert opened.page.locator("#grid .cell:visible").count() == 104
        for heading in ("What release-", "Layers", "Over the releases"):
            assert opened.page.get_by_role("heading", name=heading).is_visible()
        assert opened.page.locator(".plot svg:visible").count() == 4


def test_what_is_chosen_before_the_data_comes_counts(front: Visit) -> None:
    page = front.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/family.js", hold)
    page.reload()
    page.fill("#search", "13.0.3-devel-ubi9")
    page.click("[data-view=list]")
    assert page.inner_text("#list") == ""
    held.pop().continue_()
    whole(page)
    page.click("[data-view=grid]")
    assert visible(page) == ["13.0.3-devel-ubi9-py3.12"]


def test_an_image_is_reached_by_keyboard_and_its_command_copied(front: Visit, browser: Browser) -> None:
    page = front.page
    front.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.focus(f'#grid .cell[data-name="{IMAGE}"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{IMAGE}.html")
    assert page.locator("h1").inner_text().startswith("13.0.3-cudnn-runtime-debian12-torch2.14.1")
    page.get_by_role("button", name="Copy the command").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert (
        copied == "docker run --rm -it --gpus all ghcr.io/acme/cuda:13.0.3-cudnn-runtime-debian12-torch2.14.1"
    )
    assert said(page) == "Copied the command."


def test_copying_is_said_aloud_and_so_is_a_browser_that_refuses(browser: Browser, site: Path) -> None:
    with visit(browser, site / "images" / f"{IMAGE}.html") as opened:
        page = opened.page
        button = page.get_by_role("button", name="Copy the command")
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
        button.click()
        assert said(page) == "Copied the command."
        page.evaluate("() => { document.execCommand = () => false; }")
        page.keyboard.press("Enter")
        page.wait_for_function("document.querySelector('#said').textContent.includes('did not let')")
        assert said(page) == "The browser did not let the command be copied."
        assert button.inner_text() == "not copied"
        assert opened.complaints == []


def test_a_plot_is_read_as_a_table_by_keyboard(front: Visit) -> None:
    page = front.page
    plot = page.locator(".plot", has_text="Builds of all images")
    table = plot.locator("table")
    assert not table.is_visible()
    plot.locator("summary").focus()
    page.keyboard.press("Enter")
    table.wait_for(state="visible")
    assert table.locator("tbody tr").count() == 10


def test_the_theme_is_switched_and_kept(front: Visit) -> None:
    page = front.page
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.click("#theme")
    after = page.evaluate(ground)
    assert before != after
    page.reload()
    drawn = f"new Promise(requestAnimationFrame).then(() => {ground})"
    assert page.evaluate(drawn) == after, "it is there with the first frame"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["index.html", f"images/{IMAGE}.html", "images/12.6.3-devel-ubi9-py3.12.html"]
)
def test_axe_finds_nothing(browser: Browser, site: Path, axe: Path, name: str, scheme: str) -> None:
    with visit(browser, site / name, color_scheme=scheme) as opened:
        assert violations(opened.page, axe) == []
        opened.page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        assert violations(opened.page, axe) == []
        if name == "index.html":
            answer(opened.page, "V100", "535")
            assert violations(opened.page, axe) == []
            opened.page.click("[data-view=list]")
            assert violations(opened.page, axe) == []


def test_axe_would_find_a_fault(browser: Browser, site: Path, axe: Path) -> None:
    with visit(browser, site / "index.html") as opened:
        opened.page.evaluate(
            "document.querySelector('#search').closest('label').replaceWith(document.querySelector('#search'))"
        )
        opened.page.evaluate("document.querySelector('#search').removeAttribute('placeholder')")
        assert any("label" in line for line in violations(opened.page, axe))


def test_on_a_phone_nothing_runs_off_the_side(browser: Browser, site: Path) -> None:
    for name in ("index.html", f"images/{IMAGE}.html"):
        with visit(browser, site / name, viewport={"width": 360, "height": 740}) as opened:
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
            if name == "index.html":
                assert opened.page.is_visible("#list")
                assert not opened.page.is_visible("#grid")
