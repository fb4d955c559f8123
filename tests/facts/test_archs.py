import pytest
from hypothesis import given
from hypothesis import strategies as st

from builder.facts import gpus
from builder.facts.archs import TEGRA, ArchList, Coverage, capability

capabilities = st.tuples(st.integers(3, 12), st.integers(0, 9)).map(lambda pair: f"{pair[0]}.{pair[1]}")


@pytest.mark.parametrize(
    ("archs", "cc", "coverage"),
    [
        ("8.0;8.6;9.0", "8.6", Coverage.EXACT),
        ("8.0;8.6;9.0", "8.9", Coverage.BINARY),
        ("8.6;9.0", "8.0", Coverage.NONE),
        ("9.0;10.0", "10.3", Coverage.BINARY),
        ("10.0;12.0", "12.1", Coverage.BINARY),
        ("10.3", "10.0", Coverage.NONE),
        ("9.0", "10.0", Coverage.NONE),
        ("9.0+PTX", "10.0", Coverage.PTX),
        ("12.0+PTX", "10.0", Coverage.NONE),
        ("8.0;9.0", "8.7", Coverage.NONE),
        ("8.7", "8.9", Coverage.NONE),
        ("8.7", "8.7", Coverage.EXACT),
        ("", "8.0", Coverage.NONE),
    ],
)
def test_what_runs_where(archs: str, cc: str, coverage: Coverage) -> None:
    assert ArchList.parse(archs).covers(cc) is coverage
    assert coverage.runs is (coverage is not Coverage.NONE)


@given(st.lists(st.tuples(capabilities, st.booleans()), unique_by=lambda entry: entry[0]))
def test_parse_and_print(entries: list[tuple[str, bool]]) -> None:
    text = ";".join(f"{cc}+PTX" if ptx else cc for cc, ptx in entries)
    assert str(ArchList.parse(text)) == text


@given(st.lists(capabilities), capabilities)
def test_more_code_never_covers_less(archs: list[str], cc: str) -> None:
    if ArchList(tuple(archs)).covers(cc).runs:
        assert ArchList((*archs, "7.5")).covers(cc).runs


@pytest.mark.parametrize("text", ["8", "sm_80", "8.0+ptx", "8.0;nine", "8.0,9.0"])
def test_what_is_no_arch_list(text: str) -> None:
    with pytest.raises(ValueError, match="not a compute capability"):
        ArchList.parse(text)


@pytest.mark.parametrize(
    ("text", "cc"),
    [
        ("8.6", "8.6"),
        ("sm_86", "8.6"),
        ("sm_90a", "9.0"),
        ("SM120", "12.0"),
        ("cc 10.3", "10.3"),
        ("V100", None),
        ("8", None),
        ("", None),
    ],
)
def test_capability(text: str, cc: str | None) -> None:
    assert capability(text) == cc


def test_tegra_is_what_the_gpus_say() -> None:
    assert {gpu.cc for gpu in gpus.gpus() if gpu.tegra} == TEGRA
