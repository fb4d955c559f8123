"""What later installations are told, and the user that images run as."""

import os

import pytest

from builder.bake import context
from builder.bake.guard import constraints
from builder.engine.client import connect
from builder.matrix.lock import LockedWheel
from tests.bake.samples import digest


def test_what_runs_on_the_gpu_stays_and_its_twins_of_other_cudas_stay_out() -> None:
    wheels = (LockedWheel(name, "9.2", digest(name)) for name in ("numpy", "nvidia-cudnn-cu13", "torch"))
    assert constraints(wheels) == (
        "nvidia-cudnn-cu13===9.2",
        "torch===9.2",
        "nvidia-cudnn-cu11<0",
        "nvidia-cudnn-cu12<0",
    )


def test_an_image_without_torch_and_cuda_has_nothing_to_guard() -> None:
    assert constraints([LockedWheel("pip", "26.3", digest("pip"))]) == ()


@pytest.mark.engine
@pytest.mark.parametrize(
    "before",
    ["true", "useradd --create-home --uid 1000 ubuntu", "groupadd --gid 1000 staff2"],
    ids=["nobody", "a user of the system's", "a group without a user"],
)
def test_the_user_has_its_numbers_whoever_had_them_before(before: str) -> None:
    script = f"{before} && bash /add-user / && id cuda && ls /home && stat -c %U:%G /home/cuda"
    said = connect().run(
        f"{os.environ.get('CIB_REGISTRY', '127.0.0.1:5000')}/library/debian:12-slim",
        ["bash", "-ec", script],
        volumes=[(context.path() / "add-user", "/add-user", "ro")],
        networks=["none"],
        remove=True,
    )
    assert said == "uid=1000(cuda) gid=1000(cuda) groups=1000(cuda)\ncuda\ncuda:cuda"
