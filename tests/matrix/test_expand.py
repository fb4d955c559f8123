from builder.matrix.expansion.expand import expand
from builder.model.cell import Flavor, Level, Source

from .samples import cells, matrix, targets

AXES = {"cuda": ["12.8.1", "13.2.1"], "os": ["ubuntu22.04", "ubuntu24.04"], "flavor": ["base", "devel"]}


def test_the_product_of_the_axes() -> None:
    found = cells(axes=AXES)
    assert len(found) == 2 * 2 * 2 * 2
    assert {cell.source for cell in found} == {Source.UPSTREAM}


def test_a_target_has_all_platforms_sorted() -> None:
    for target in targets(axes={**AXES, "platform": ["linux/arm64", "linux/amd64"]}):
        assert [str(cell.platform) for cell in target.cells] == ["linux/amd64", "linux/arm64"]


def test_targets_are_sorted_by_name() -> None:
    names = [target.name for target in targets(axes=AXES)]
    assert names == sorted(names)


def test_names_say_what_an_image_is() -> None:
    (target,) = targets(axes={"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "2.14.1", "source": "wheels"})
    assert target.name == "13.2.1-base-ubuntu24.04-py3.12-torch2.14.1-wheels"


def test_the_systems_own_python() -> None:
    found = cells(axes={"cuda": "13.2.1", "os": ["ubuntu22.04", "ubuntu24.04", "rockylinux9"]})
    assert {cell.os: cell.python for cell in found} == {
        "ubuntu22.04": "3.10",
        "ubuntu24.04": "3.12",
        "rockylinux9": "3.9",
    }


def test_a_python_named_twice_in_other_words_is_one_cell() -> None:
    found = cells(axes={"cuda": "13.2.1", "os": "ubuntu24.04", "python": ["os", "3.12"]})
    assert len(found) == 2


def test_exclusions_take_away_and_are_counted() -> None:
    loaded = matrix(
        axes=AXES,
        exclude=[
            {"match": {"cuda": "12.*", "os": "ubuntu24.04"}, "reason": "x"},
            {"match": {"flavor": "runtime"}, "reason": "x"},
            {"match": {"cuda": "12.8.1"}, "reason": "x"},
        ],
    )
    expansion = expand(loaded)
    assert {cell.cuda for cell in expansion.cells} == {"13.2.1"}
    assert expansion.excluded == (4, 0, 8)


def test_overrides_change_cells_and_the_last_wins() -> None:
    found = cells(
        axes={"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "2.9.1"},
        override=[
            {"match": {"torch": "2.9.*"}, "set": {"torch": "2.14.0", "source": "wheels"}, "reason": "x"},
            {"match": {"platform": "linux/arm64"}, "set": {"torch": "2.14.1"}, "reason": "x"},
        ],
    )
    assert {str(cell.platform): (cell.torch, cell.source) for cell in found} == {
        "linux/amd64": ("2.14.0", Source.WHEELS),
        "linux/arm64": ("2.14.1", Source.WHEELS),
    }


def test_overrides_keep_platforms_in_one_target_and_out_of_its_name() -> None:
    (target,) = targets(
        axes={"cuda": "13.2.1", "os": "ubuntu24.04", "torch": "2.9.1"},
        override=[{"match": {"platform": "linux/arm64"}, "set": {"torch": "none"}, "reason": "x"}],
    )
    assert target.name == "13.2.1-base-ubuntu24.04-py3.12-torch2.9.1".removesuffix("-torch2.9.1")
    assert [cell.torch for cell in target.cells] == ["2.9.1", ""]


def test_an_override_may_give_the_system_its_python_back() -> None:
    (cell, *_) = cells(
        axes={"cuda": "13.2.1", "os": "ubuntu24.04", "python": "3.11"},
        override=[{"match": {"os": "ubuntu24.04"}, "set": {"python": "os"}, "reason": "x"}],
    )
    assert cell.python == "3.12"


def test_includes_add_cells_that_no_exclusion_takes() -> None:
    found = cells(
        axes={"cuda": "13.2.1", "os": "ubuntu24.04"},
        exclude=[{"match": {"cuda": "13.*"}, "reason": "x"}],
        include=[{"cuda": "13.0.3", "os": "debian12", "flavor": ["base", "devel"], "source": "wheels"}],
    )
    assert {(cell.cuda, cell.flavor) for cell in found} == {("13.0.3", Flavor.BASE), ("13.0.3", Flavor.DEVEL)}
    assert len(found) == 4


def test_includes_take_the_defaults_and_then_the_platforms_of_the_axes() -> None:
    found = cells(
        axes={"platform": "linux/arm64"},
        defaults={"torch": "2.14.1", "flavor": ["base", "devel"], "source": "wheels"},
        include=[{"cuda": "13.0.3", "os": "debian12"}, {"cuda": "13.2.1", "os": "debian12", "torch": "none"}],
    )
    assert {(cell.cuda, cell.torch) for cell in found} == {("13.0.3", "2.14.1"), ("13.2.1", "")}
    assert {str(cell.platform) for cell in found} == {"linux/arm64"}
    assert len(found) == 4


def test_cells_without_cuda_have_their_own_source_and_need_no_gpu() -> None:
    found = cells(axes={"cuda": ["cpu"], "os": "debian12", "source": ["upstream", "wheels"]})
    assert len(found) == 2
    assert {(cell.source, cell.cuda, cell.require) for cell in found} == {(Source.CPU, "", Level.CPU)}


def test_the_same_cell_twice_is_reported() -> None:
    expansion = expand(
        matrix(
            axes={"cuda": "13.2.1", "os": "ubuntu24.04"},
            include=[{"cuda": "13.2.1", "os": "ubuntu24.04", "platform": "linux/amd64"}],
        )
    )
    assert [str(cell.platform) for cell in expansion.doubled] == ["linux/amd64"]
    assert len(expansion.cells) == 2


def test_the_level_of_a_cell() -> None:
    found = cells(
        axes={"cuda": ["cpu", "13.2.1"], "os": "ubuntu24.04", "flavor": ["base", "devel"]},
        exclude=[{"match": {"cuda": "cpu", "flavor": "devel"}, "reason": "x"}],
        smoke={
            "require": {"linux/arm64": "cpu"},
            "policies": [
                {"match": {"flavor": "devel", "platform": "*/arm64"}, "level": "gpu", "reason": "x"}
            ],
        },
    )
    assert {
        (cell.cuda, str(cell.flavor), cell.platform.architecture): str(cell.require) for cell in found
    } == {
        ("", "base", "amd64"): "cpu",
        ("", "base", "arm64"): "cpu",
        ("13.2.1", "base", "amd64"): "gpu",
        ("13.2.1", "base", "arm64"): "cpu",
        ("13.2.1", "devel", "amd64"): "gpu",
        ("13.2.1", "devel", "arm64"): "gpu",
    }


def test_companions_get_the_versions_that_belong_to_torch() -> None:
    found = cells(
        axes={"cuda": "13.0.3", "os": "ubuntu24.04", "torch": ["2.9.1", "2.14.1", "none"]},
        companions=["torchvision", "torchaudio"],
        override=[{"match": {"torch": "2.9.1"}, "set": {"companions": "torchvision==0.24.0"}, "reason": "x"}],
    )
    assert {cell.torch: cell.companions for cell in found} == {
        "": (),
        "2.9.1": ("torchvision==0.24.0",),
        "2.14.1": ("torchaudio==2.11.0", "torchvision==0.29.1"),
    }


NGC = {"25.09": {"cuda": "13.0.1", "torch": "2.9.0a0+50eac811a6.nv25.09", "python": "3.12"}}


def test_torch_and_python_of_ngc_pytorch_follow_from_its_release() -> None:
    (target,) = targets(
        sources={"ngc-pytorch": {"releases": NGC}},
        include=[{"cuda": "13.0.1", "os": "ubuntu24.04", "flavor": "cudnn-devel", "source": "ngc-pytorch"}],
    )
    assert {(cell.torch, cell.python) for cell in target.cells} == {("2.9.0a0+50eac811a6.nv25.09", "3.12")}


def test_where_cells_come_from() -> None:
    found = expand(matrix(axes=AXES, include=[{"cuda": "cpu", "os": "debian12"}]))
    lines = {cell.cuda: cell.where.line for cell in found.cells if cell.where}
    assert len(set(lines.values())) == 3
