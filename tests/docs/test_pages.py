"""Every page: its links, commands and data are checked, and each checker finds the fault planted for it."""

from pathlib import Path

import pytest

from scripts.docs_pages import ROOT
from tests.docs import check_commands, check_data, check_links
from tests.docs.pages import Block, blocks, everything

PAGES = everything()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert list(check_links.complaints(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_is_good(page: Path) -> None:
    found = [
        wrong
        for block in blocks(page)
        for check in (check_commands, check_data)
        for wrong in check.complaints(block)
    ]
    assert found == []


def test_there_is_something_to_check() -> None:
    languages = {block.language for page in PAGES for block in blocks(page)}
    assert languages >= {"", "bash", "console", "yaml", "dockerfile"}


@pytest.mark.parametrize(
    "link",
    [
        "missing.md",
        "other.md#no-such-heading",
        "#no-such-heading",
        "http://example.org",
        "https://nowhere",
        "x://y",
    ],
)
def test_a_dead_link_is_found(link: str, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## A heading, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n[good](other.md#a-heading-with-code) [page](#page) [out](https://docs.docker.com/x)\n"
    )
    assert list(check_links.complaints(page)) == []
    page.write_text(f"# Page\n\n[bad]({link})\n")
    assert len(list(check_links.complaints(page))) == 1


@pytest.mark.parametrize(
    ("language", "text", "says"),
    [
        ("", "python -m builder plan --shards 1/2", "--shards"),
        ("", "python -m builder explode", "no command explode"),
        ("bash", "python -m builder check --format xml", "xml"),
        ("bash", "python -m builder check \\\n  --offline --fast\n", "--fast"),
        ("bash", "cd out && python -m builder bake --jobs many", "integer"),
        ("bash", "if true; then echo", "SC1"),
        ("bash", 'rm -rf "$folder"/*; cp $a b', "SC2"),
        ("bash", "scripts/no-such-script", "no-such-script"),
        ("console", "$ python -m builder release --now\nreleased\n", "--now"),
        ("console", "$ python -m builder plan \\\n    --max-jobs 300\n", "256"),
    ],
)
def test_a_wrong_command_is_found(language: str, text: str, says: str) -> None:
    assert says in "".join(check_commands.complaints(Block("page.md:1", language, text)))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "python -m builder COMMAND --help"),
        ("bash", "python -m builder verify ghcr.io/acme/cuda:13.0.3-base --key cosign.pub"),
        ("bash", "FOO=1 python -m builder bake 'cuda=13.0.*' '*-devel-*' --shard 1/4 > log 2>&1 || exit 1"),
        (
            "console",
            "$ python -m builder which --gpu V100 \\\n    --driver 535.161.08\n13.0 does not run --here\n",
        ),
    ],
)
def test_a_right_command_passes(language: str, text: str) -> None:
    assert list(check_commands.complaints(Block("page.md:1", language, text))) == []


@pytest.mark.parametrize(
    ("language", "text", "says"),
    [
        ("yaml", "axes: [", "expected"),
        ("yaml", "axes: {cuda: '13.0.3', os: ubuntu24.04, gpu: H100}", "gpu"),
        ("yaml", "axes: {cuda: '12.7.0', os: ubuntu24.04}", "cuda-never-released"),
        ("yaml", "exclude: [{match: {cuda: '11.*'}, reason: gone}]", "dead-exclude"),
        ("yaml", "on: push\njobs: {one: {steps: []}}", "runs-on"),
        ("yaml", "- one", "mapping"),
        ("json", "{'a': 1}", "Expecting"),
        ("dockerfile", "FROM debian\nRUN cd /x", "DL3"),
        ("toml", "a = 1", "nobody checks"),
    ],
)
def test_wrong_data_is_found(language: str, text: str, says: str) -> None:
    assert says in "".join(check_data.complaints(Block("page.md:1", language, text)))
