"""The probe's small reading of version specifiers agrees with packaging's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from builder.smoke.probes.requirements import applies, meets, unmet

numbers = st.lists(st.integers(0, 12), min_size=2, max_size=4).map(lambda parts: ".".join(map(str, parts)))
operators = st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="])
plain = st.builds(lambda operator, version: operator + version, operators, numbers)
prefix = st.builds(lambda operator, version: f"{operator}{version}.*", st.sampled_from(["==", "!="]), numbers)


@given(numbers, st.lists(plain | prefix, max_size=3).map(",".join))
def test_specifiers(version: str, wanted: str) -> None:
    assert meets(version, wanted) == SpecifierSet(wanted).contains(version)


@pytest.mark.parametrize(
    "marker",
    [
        'platform_system == "Linux"',
        'platform_system == "Linux" and platform_machine == "x86_64"',
        'python_version >= "3.9"',
        'python_version < "3.10"',
        '"3.10" <= python_version',
        'python_full_version > "3.9.1"',
        'extra == "dev"',
        'sys_platform != "win32" and (os_name == "posix" or extra == "all")',
        'implementation_name in "cpython pypy"',
        'platform_python_implementation not in "PyPy"',
    ],
)
def test_markers(marker: str) -> None:
    assert applies(marker) == Marker(marker).evaluate({"extra": ""})


def _install(folder: Path, name: str, version: str, *requires: str) -> None:
    metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata.write_text("\n".join([*lines, *(f"Requires-Dist: {text}" for text in requires)]) + "\n")


def test_what_is_missing_or_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requires = ("Sym.Py>=1.13", "numpy", "absent[extra] (>=1) ; extra == 'x'")
    _install(tmp_path, "torch_like", "2.13.0+cpu", *requires)
    _install(tmp_path, "sym_py", "1.12")
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert list(unmet()) == [
        "torch-like asks for Sym.Py>=1.13, and 1.12 is installed",
        "torch-like asks for numpy, which is not installed",
    ]


def test_a_local_version_meets_its_public_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, "vision", "0.28.0", "torch==2.13.0")
    _install(tmp_path, "torch", "2.13.0+cpu")
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert list(unmet()) == []
