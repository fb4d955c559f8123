import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.facts import tags
from builder.facts.tags import TagStatus
from builder.facts.upstream import Gap, NoTag, UpstreamTag, find, lookup

FLAVORS = ("base", "runtime", "cudnn-runtime", "devel", "cudnn-devel")


def _missing(found: UpstreamTag | NoTag) -> NoTag:
    assert isinstance(found, NoTag)
    return found


def _found(found: UpstreamTag | NoTag) -> UpstreamTag:
    assert isinstance(found, UpstreamTag)
    return found


def test_finds_every_listed_tag_by_its_own_name() -> None:
    absent = {"11.8.0-cudnn8-devel-centos7"}
    for (cuda, os), listing in tags.listings().items():
        for flavor in listing.flavors:
            tag = f"{cuda}-{flavor}-{os}"
            if tag not in absent:
                assert _found(lookup(tag)).tag == tag


@pytest.mark.parametrize(
    ("cell", "gap", "nearest"),
    [
        (("12.4.0", "cudnn-devel", "ubuntu22.04"), Gap.NO_CUDNN, ("12.4.1-cudnn-devel-ubuntu22.04",)),
        (("12.8.2", "cudnn-runtime", "rockylinux9"), Gap.NO_CUDNN, ("12.8.1-cudnn-runtime-rockylinux9",)),
        (
            ("12.3.0", "cudnn-devel", "ubuntu22.04"),
            Gap.NO_CUDNN,
            ("12.3.2-cudnn9-devel-ubuntu22.04",),
        ),
        (
            ("12.7.0", "devel", "ubuntu24.04"),
            Gap.NEVER_RELEASED,
            ("12.8.2-devel-ubuntu24.04", "12.6.3-devel-ubuntu24.04"),
        ),
        (
            ("12.4.1", "base", "ubuntu24.04"),
            Gap.NO_OS,
            ("12.5.1-base-ubuntu24.04", "12.4.1-base-ubuntu22.04"),
        ),
        (("12.2.1", "base", "ubuntu22.04"), Gap.NO_IMAGE, ("12.2.2-base-ubuntu22.04",)),
        (("13.0.2", "develop", "ubuntu24.04"), Gap.NO_FLAVOR, ("13.0.2-devel-ubuntu24.04",)),
        (("13.0.2", "devel", "ubuntu2404"), Gap.NO_OS, ("13.0.2-devel-ubuntu24.04",)),
        (("13.0.2", "devel", "debian12"), Gap.NO_OS, ()),
    ],
)
def test_names_what_to_take_instead(cell: tuple[str, str, str], gap: Gap, nearest: tuple[str, ...]) -> None:
    found = _missing(find(*cell))
    assert (found.gap, found.nearest, found.unverified) == (gap, nearest, frozenset())


@given(
    st.sampled_from(["12.4.0", "12.7.0", "12.4", "13.9.1", "11.4.4", "x", ""]),
    st.sampled_from([*FLAVORS, "cudnn8-devel", "", "all"]),
    st.sampled_from(["ubuntu24.04", "debian12", "centos7", "", "*"]),
)
def test_what_it_names_exists(cuda: str, flavor: str, os: str) -> None:
    found = find(cuda, flavor, os)
    if isinstance(found, NoTag):
        assert all(isinstance(lookup(tag), UpstreamTag) for tag in found.nearest)


def test_explains_in_one_sentence() -> None:
    assert _missing(find("12.4.0", "cudnn-devel", "ubuntu22.04")).why == (
        "12.4.0 has no cuDNN flavor on ubuntu22.04; 12.4.1 has"
    )


@pytest.mark.parametrize(
    ("tag", "gap"),
    [
        ("latest", Gap.ABSENT),
        ("12.9.0-devel-ubuntu26.04", Gap.ABSENT),
        ("13.0.2-base-debian12", Gap.NO_OS),
        ("13.0.2-base-fedora42", Gap.NO_OS),
        ("12.5.1-cudnn-devel-ubuntu24.04", Gap.NO_CUDNN),
        ("13.2.1-cudnn-runtime-amzn2023", Gap.NO_CUDNN),
        ("12.4.1-base-centos7", Gap.NO_OS),
        ("12.1.1-base-ubuntu18.04", Gap.NO_OS),
        ("13.0.0-base-ubuntu20.04", Gap.NO_OS),
        ("12.4.1-base-ubuntu24.04", Gap.NO_OS),
        ("11.6.2-base-ubuntu22.04", Gap.NO_OS),
        ("11.8.0-base-rockylinux9", Gap.NO_OS),
        ("13.0.2-base-ubi10", Gap.NO_OS),
        ("12.2.1-base-ubuntu22.04", Gap.NO_IMAGE),
        ("11.8.0-cudnn8-devel-centos7", Gap.ABSENT),
        ("12.4-base-ubuntu22.04", Gap.NEVER_RELEASED),
        ("12-base-ubuntu22.04", Gap.NEVER_RELEASED),
        ("11.8.0-cudnn-devel-ubuntu22.04", Gap.CUDNN_NAMING),
        ("12.3.2-cudnn8-devel-ubuntu22.04", Gap.CUDNN_NAMING),
        ("12.3.2-cudnn-devel-ubuntu22.04", Gap.CUDNN_NAMING),
        ("12.4.1-cudnn9-devel-ubuntu22.04", Gap.CUDNN_NAMING),
        ("13.0.2", Gap.NOT_A_TAG),
        ("", Gap.NOT_A_TAG),
    ],
)
def test_refuses_what_only_looks_right(tag: str, gap: Gap) -> None:
    assert _missing(lookup(tag)).gap is gap


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(lookup(text), UpstreamTag | NoTag)
    assert isinstance(find(text, text, text), NoTag)


def test_the_wrong_spelling_names_the_right_one() -> None:
    assert _missing(lookup("12.4.1-cudnn9-devel-ubi9")).nearest == ("12.4.1-cudnn-devel-ubi9",)


@pytest.mark.parametrize(
    ("cell", "doubted"),
    [
        # Newer than the table, newer than NVIDIA's documents, forgotten by them, seen in another flavor.
        (("13.5.0", "base", "ubuntu24.04"), True),
        (("13.2.2", "base", "ubuntu24.04"), True),
        (("13.0.2", "devel", "rockylinux10"), True),
        (("13.3.0", "runtime", "ubuntu24.04"), True),
        (("13.0.2", "devel", "cm2"), False),
        (("12.2.1", "base", "ubuntu22.04"), False),
    ],
)
def test_doubts_what_it_cannot_know(cell: tuple[str, str, str], doubted: bool) -> None:
    assert ("tag" in _missing(find(*cell)).unverified) is doubted


def test_doubts_what_only_others_have_seen() -> None:
    assert "tag" in _found(find("13.3.0", "devel", "ubuntu26.04")).unverified
    assert "tag" not in _found(find("13.3.0", "base", "ubuntu26.04")).unverified


def test_cudnn_flavors_have_their_own_platforms() -> None:
    assert _found(find("12.2.2", "devel", "ubi9")).arches == ("amd64", "arm64")
    assert _found(find("12.2.2", "cudnn-devel", "ubi9")).arches == ("amd64",)
    assert _found(find("12.2.2", "devel", "ubi9")).cudnn is None


def test_status_and_doubts_come_along() -> None:
    found = _found(find("13.0.2", "cudnn-runtime", "rockylinux9"))
    assert (found.status, found.unverified) == (TagStatus.EOL, frozenset({"arches", "cudnn"}))
    assert _found(find("13.0.2", "base", "rockylinux9")).unverified == {"arches"}
    assert _found(find("11.4.1", "base", "ubuntu20.04")).status is TagStatus.DELETED


def test_nothing_deleted_is_named_instead() -> None:
    for tag in _missing(find("11.4.4", "base", "ubuntu20.04")).nearest:
        assert _found(lookup(tag)).status is not TagStatus.DELETED
