"""Cells without Python: what they are called, what they need of wheels, and what lends them one."""

from dataclasses import replace

import pytest

from builder.matrix.expansion.expand import expand
from builder.matrix.expansion.lenders import lender, lender_name, with_lenders
from builder.matrix.expansion.wheels import wheel_set
from builder.matrix.tags import render_all
from builder.model.cell import Flavor, Source
from builder.pipeline.lock import needs
from tests.matrix.samples import EPOCH, cells, findings, lock_for, matrix, targets

BARE = {"include": [{"cuda": "13.0.2", "os": "debian12", "source": "wheels", "python": "none"}]}
FLAVORS = {
    "include": [{**BARE["include"][0], "flavor": ["base", "devel"]}, {"cuda": "13.0.2", "os": "ubuntu24.04"}]
}


def test_none_is_no_part_of_the_name_and_of_tags() -> None:
    (target,) = targets(**BARE)
    assert target.name == "13.0.2-base-debian12-wheels"
    assert target.cells[0].values()["python"] == "none"
    assert render_all(("{cuda}[-py{python}]",), target, EPOCH) == ("13.0.2",)


def test_it_needs_the_wheels_of_cuda_and_nothing_of_pythons() -> None:
    wanted = wheel_set(cells(**BARE)[0])
    assert wanted
    assert wanted.requirements[0].startswith("cuda-toolkit[")
    assert "pip" not in wanted.requirements
    assert wheel_set(cells(include=[{"cuda": "cpu", "os": "debian12", "python": "none"}])[0]) is None


def test_a_lender_serves_every_cell_of_its_system_and_platform() -> None:
    lent = {one for cell in cells(**FLAVORS) if (one := lender(cell))}
    assert {str(one.platform) for one in lent} == {"linux/amd64", "linux/arm64"}
    assert {lender_name(one) for one in lent} == {"lender-debian12-py3.11"}
    for one in lent:
        assert (one.source, one.flavor, one.torch) == (Source.CPU, Flavor.BASE, "")
        assert lender(one) is None
    assert len(with_lenders(cells(**FLAVORS))) == len(cells(**FLAVORS)) + 2


def test_an_apps_lender_is_that_of_what_it_is_built_over() -> None:
    cell = cells(**BARE)[0]
    assert lender(replace(cell, flavor=Flavor.DEVEL)) == lender(cell)


def test_the_lock_has_what_lenders_are_made_of() -> None:
    loaded = matrix(**BARE)
    needed = needs(loaded.matrix, expand(loaded).cells)
    assert set(needed.bases) == {"docker.io/library/debian:12-slim"}
    assert "linux/amd64 py3.11 pip" in needed.wheels


@pytest.mark.parametrize("lost", ["base", "wheels"])
def test_a_lock_that_lacks_it_is_stale(lost: str) -> None:
    loaded = matrix(include=[{"cuda": "13.0.3", "os": "ubuntu24.04", "python": "none"}])
    full = lock_for(loaded, expand(loaded))
    bases = {name: base for name, base in full.bases.items() if "library/ubuntu" not in name}
    assert len(bases) == len(full.bases) - 1
    less = replace(full, bases=bases) if lost == "base" else replace(full, wheels={})
    found = [one for one in findings(loaded, lock=less) if one.rule == "lock-stale"]
    assert len(found) == 2
    assert {subject for one in found for subject in one.subjects} == {
        f"13.0.3-base-ubuntu24.04 (linux/{arch})" for arch in ("amd64", "arm64")
    }
