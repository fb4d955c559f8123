from datetime import date

import pytest

from builder.matrix.tags import Template, differing, render_all, shared_values

from .samples import targets

DAY = date(2026, 3, 9)
VALUES = {
    "cuda": "13.0.2",
    "flavor": "base",
    "os": "debian12",
    "torch": "2.14.1",
    "python": "3.11",
    "source": "x",
}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("{cuda}-{flavor}-{os}", "13.0.2-base-debian12"),
        ("{cuda}[-torch{torch}]", "13.0.2-torch2.14.1"),
        ("{cuda}-{epoch:%Y%m%d}", "13.0.2-20260309"),
        ("{cuda}-{epoch}", "13.0.2-20260309"),
        ("{epoch:%G.%V}[-py{python}-torch{torch}]", "2026.11-py3.11-torch2.14.1"),
        ("plain", "plain"),
    ],
)
def test_renders(text: str, tag: str) -> None:
    assert Template.parse(text).render(VALUES, DAY) == tag


@pytest.mark.parametrize("missing", ["", "none"])
def test_leaves_out_a_part_whose_value_is_empty(missing: str) -> None:
    template = Template.parse("{cuda}[-py{python}][-torch{torch}]")
    assert template.render({**VALUES, "torch": missing}, DAY) == "13.0.2-py3.11"


def test_what_tags_cannot_hold_is_replaced() -> None:
    assert (
        Template.parse("{torch}").render({**VALUES, "torch": "2.9.0a0+50ea.nv25.09"}, DAY)
        == "2.9.0a0_50ea.nv25.09"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{cude}", "there is no field {cude}"),
        ("{platform}", "there is no field {platform}"),
        ("{}", "there is no field"),
        ("{cuda", "expected '}'"),
        ("cuda}", "Single '}'"),
        ("[{cuda}", "brackets"),
        ("[a[b]]", "brackets"),
        ("{cuda:>20}", "only {epoch} takes a format"),
        ("{cuda!r}", "only {epoch} takes a format"),
        ("{cuda.__class__}", "there is no field"),
        ("{cuda[0]}", "expected"),
        ("{epoch:{cuda}}", "format"),
    ],
)
def test_what_is_no_template(text: str, said: str) -> None:
    with pytest.raises(ValueError, match="`") as refused:
        Template.parse(text)
    assert said in str(refused.value)


def test_only_what_platforms_share_is_in_tags() -> None:
    (target,) = targets(
        axes={"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "2.9.1"},
        override=[{"match": {"platform": "linux/arm64"}, "set": {"torch": "2.14.1"}, "reason": "x"}],
    )
    assert "torch" not in shared_values(target)
    assert differing(target) == ("torch",)
    assert render_all(("{cuda}", "{cuda}", "{os}"), target, DAY) == ("13.2.1", "ubuntu24.04")
