import pytest

from builder.matrix.match import matches, pattern


@pytest.mark.parametrize(
    ("axis", "text", "value", "fits"),
    [
        ("cuda", "13.*", "13.0.2", True),
        ("cuda", "13.*", "12.13.0", False),
        ("cuda", "13", "13.0.2", False),
        ("cuda", "13.0.2", "13.0.2", True),
        ("cuda", ">=12.8,<13", "12.9.1", True),
        ("cuda", ">=12.8,<13", "13.0.0", False),
        ("cuda", "~=12.8", "12.9.1", True),
        ("cuda", "!=12.*", "13.0.2", True),
        ("cuda", ">=12", "cpu", False),
        ("cuda", "cpu", "cpu", True),
        ("torch", ">=2.9", "none", False),
        ("torch", ">=2.9", "2.10.0", True),
        ("torch", "<2.9", "2.10.0", False),
        ("torch", ">=2.9", "2.9.0a0+nv25.09", False),
        ("os", "ubuntu*", "ubuntu24.04", True),
        ("os", "ubuntu2?.04", "ubuntu24.04", True),
        ("os", "[!u]*", "rockylinux9", True),
        ("os", "Ubuntu*", "ubuntu24.04", False),
        ("platform", "linux/*", "linux/arm64", True),
        ("os", "ubuntu", "ubuntu24.04\n", False),
    ],
)
def test_patterns(axis: str, text: str, value: str, *, fits: bool) -> None:
    assert pattern(axis, text)(value) is fits


@pytest.mark.parametrize(
    ("axis", "text"), [("os", ">=22"), ("platform", "!=x"), ("cuda", ">="), ("torch", ">a")]
)
def test_what_is_no_pattern(axis: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"version"):
        pattern(axis, text)


def test_all_axes_must_fit_and_one_pattern_of_each() -> None:
    patterns = {"cuda": ("12.*", "13.*"), "os": ("ubuntu*",)}
    assert matches(patterns, {"cuda": "13.0.2", "os": "ubuntu24.04"})
    assert not matches(patterns, {"cuda": "13.0.2", "os": "rockylinux9"})
    assert not matches(patterns, {"cuda": "11.8.0", "os": "ubuntu24.04"})
    assert matches({}, {"cuda": "13.0.2"})
