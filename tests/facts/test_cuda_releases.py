import pytest

from builder.facts import cuda, drivers
from builder.facts.cuda import CudaRelease, DriverSupport
from builder.facts.version import at_least


def _release(version: str) -> CudaRelease:
    known = cuda.release(version)
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("version", "exists"),
    [
        ("13.0.2", True),
        ("12.7.1", False),
        ("12.7", False),
        ("11.9.0", False),
        ("12.6.4", False),
        ("12.10.0", False),
        ("13.0.9", None),
        ("13.5.0", None),
        ("14.0.0", None),
        ("13.4.0", False),
        ("12.6", False),
        ("latest", False),
        ("", False),
    ],
)
def test_exists(version: str, exists: bool | None) -> None:
    assert cuda.exists(version) is exists


def test_nearest_are_releases_that_exist() -> None:
    assert cuda.nearest("12.7.0") == ("12.8.2", "12.6.3")
    assert cuda.nearest("13.4.0") == ("13.4.3",)
    assert cuda.nearest("nonsense") == ()


@pytest.mark.parametrize(
    ("version", "driver", "support"),
    [
        ("13.0.2", "580.95.05", DriverSupport.FULL),
        ("13.0.2", "580.65.06", DriverSupport.MINOR),
        ("13.0.2", "575.57.08", DriverSupport.NONE),
        ("12.8.1", "535.161.08", DriverSupport.MINOR),
        ("12.8.1", "470.82.01", DriverSupport.NONE),
        # Nobody knows the driver of 13.4.2, so no driver is known to be enough for all of it.
        ("13.4.2", "999.0", DriverSupport.MINOR),
    ],
)
def test_driver_support(version: str, driver: str, support: DriverSupport) -> None:
    assert cuda.support(_release(version), driver) is support


@pytest.mark.parametrize(
    ("version", "driver", "starts"),
    [
        ("12.8.1", "570.124.06", True),
        ("12.8.1", "535.161.08", True),
        ("12.8.1", "555.42.02", False),
        ("13.0.2", "570.211.01", None),
        ("13.0.0", "570.211.01", True),
        ("13.4.1", "535.161.08", None),
    ],
)
def test_whether_nvidias_image_starts(version: str, driver: str, starts: bool | None) -> None:
    assert cuda.image_starts(_release(version), driver) is starts


def test_what_nvcc_compiles_for() -> None:
    assert _release("12.6.3").sm_range == ("5.0", "9.0")
    assert _release("12.9.1").sm_range == ("5.0", "12.1")
    assert _release("13.0.2").sm_range == ("7.5", "12.1")
    assert "7.0" not in _release("13.0.2").sm
    assert "8.8" not in _release("13.0.2").sm
    assert "8.8" in _release("13.0.2").unverified_sm


def test_wheels_are_complete_from_13_0() -> None:
    assert _release("13.0.2").has_complete_wheels
    assert not _release("12.9.1").has_complete_wheels
    assert _release("12.9.1").wheel == "12.9.1"
    assert not _release("13.4.0").has_complete_wheels


def test_what_nobody_could_check_is_marked() -> None:
    assert "min_driver" in _release("12.8.2").unverified
    assert "version" in _release("13.4.3").unverified
    assert "released" in _release("13.0.2").unverified
    assert not _release("13.1.0").unverified


def test_min_driver_is_never_below_the_floor_of_the_major() -> None:
    for release in cuda.releases():
        # 11.0 itself needed more than what later became the floor of CUDA 11.
        if release.min_driver and release.minor != "11.0":
            assert cuda.support(release, release.min_driver) is DriverSupport.FULL
            assert at_least(release.min_driver, release.minor_driver)


def test_driver_branches() -> None:
    assert drivers.branch_of("535.161.08") == 535
    known = drivers.branch(535)
    assert known is not None
    assert known.max_cuda == 12
    assert drivers.branch(1) is None
    assert "eol" in (drivers.branch(580) or known).unverified
