from itertools import chain

import pytest

from builder.matrix.cost import cost
from builder.matrix.select import Selector, Shard
from builder.model.errors import BuilderError, ExitCode

from .samples import targets

AXES = {
    "cuda": ["12.8.1", "13.0.3", "cpu"],
    "os": ["ubuntu22.04", "ubuntu24.04"],
    "torch": ["none", "2.11.0"],
}
FAMILY = targets(axes=AXES)


def _names(*words: str) -> list[str]:
    return [target.name for target in Selector.parse(words)(FAMILY)]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ((), 12),
        (("cuda=13.*",), 4),
        (("cuda=12.8.1,cpu",), 8),
        (("cuda=>=12,<13",), 4),
        (("cuda=cpu", "os=ubuntu22.04"), 2),
        (("torch=none",), 6),
        (("13.0.3-*",), 4),
        (("13.0.3-*", "cpu-*"), 8),
        (("13.0.3-*", "os=ubuntu22.04"), 2),
        (("os=ubuntu20.04",), 0),
        (("source=cpu",), 4),
    ],
)
def test_selects(words: tuple[str, ...], count: int) -> None:
    assert len(_names(*words)) == count


def test_selects_platforms_of_targets() -> None:
    chosen = Selector.parse(["platform=linux/arm64"])(FAMILY)
    assert len(chosen) == 12
    assert {str(cell.platform) for target in chosen for cell in target.cells} == {"linux/arm64"}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("cude=13", "'cude' in 'cude=13' is no axis"),
        ("os=>=22", "no versions"),
        ("cuda=>=x", "not a version range"),
    ],
)
def test_words_that_select_nothing_sensible(word: str, said: str) -> None:
    with pytest.raises(BuilderError, match=said) as refused:
        Selector.parse([word])
    assert refused.value.code is ExitCode.NOTHING_SELECTED
    assert "cuda" in refused.value.fix


@pytest.mark.parametrize("count", [1, 2, 3, 5, 24, 40])
def test_every_cell_is_in_exactly_one_shard(count: int) -> None:
    shards = [Shard(index, count)(FAMILY) for index in range(1, count + 1)]
    cells = [(t.name, c.platform) for t in chain.from_iterable(shards) for c in t.cells]
    assert sorted(cells) == sorted((t.name, c.platform) for t in FAMILY for c in t.cells)
    if count <= len(cells):
        assert all(shards)


@pytest.mark.parametrize("count", [3, 5, 7])
def test_no_shard_costs_more_than_another_by_more_than_one_build(count: int) -> None:
    flavors = ["base", "runtime", "devel"]
    family = targets(axes={**AXES, "source": "wheels", "cuda": ["13.0.2", "cpu"], "flavor": flavors})
    costs = [cost(cell) for target in family for cell in target.cells]
    loads = [
        sum(cost(cell) for target in Shard(index, count)(family) for cell in target.cells)
        for index in range(1, count + 1)
    ]
    assert sum(loads) == sum(costs)
    assert max(loads) - min(loads) <= max(costs)
    in_turn = [sum(costs[index::count]) for index in range(count)]
    assert max(loads) - min(loads) < max(in_turn) - min(in_turn)
    backwards = tuple(reversed(family))
    assert {target.name for target in Shard(1, count)(backwards)} == {
        target.name for target in Shard(1, count)(family)
    }


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "1/²"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(BuilderError, match="is no shard"):
        Shard.parse(text)


def test_reads_shards() -> None:
    assert Shard.parse("2/4") == Shard(2, 4)
