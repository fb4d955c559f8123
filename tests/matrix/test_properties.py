"""What holds for any matrix, and for any text."""

import random
from contextlib import nullcontext, suppress
from itertools import product
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builder.bake.definition import bake_name
from builder.matrix.expansion.expand import expand
from builder.matrix.match import matches
from builder.matrix.rules.catalog import judge
from builder.matrix.rules.rule import Context
from builder.matrix.tags import render_all
from builder.matrix.text.load import Loaded, load
from builder.model.errors import BuilderError
from builder.model.finding import Severity
from builder.model.platform import Platform
from builder.model.reference import Reference, Repository
from builder.pipeline.inputs.builds import builds

from .samples import EPOCH, HEAD, TODAY, lock_for, matrix, parsed, text

CUDAS = [
    "11.8.0",
    "12.6.3",
    "12.8.1",
    "12.9.1",
    "13.0.3",
    "13.2.1",
    "12.7.0",
    "13.0",
    "cpu",
    "latest",
    "99.1.1",
]
SYSTEMS = ["ubuntu22.04", "ubuntu24.04", "debian12", "rockylinux9", "amzn2023", "opensuse15", "plan9"]
FLAVORS = ["base", "runtime", "cudnn-runtime", "devel", "cudnn-devel"]
PLATFORMS = ["linux/amd64", "linux/arm64"]
TORCHES = ["none", "2.5.1", "2.8.0", "2.11.0", "2.14.1", "2.15.0", "9.9.9"]
PYTHONS = ["os", "3.10", "3.12", "3.99"]
PATTERNS = {
    "cuda": ["13.*", "12.*", ">=12.8", "<12.8,>=11", "cpu", "*"],
    "os": ["ubuntu*", "*", "debian12", "[!u]*"],
    "flavor": ["base", "cudnn-*", "*devel"],
    "platform": ["linux/arm64", "*/amd64"],
    "torch": ["none", ">=2.10", "2.*"],
    "python": ["3.1?", ">=3.11"],
}


# Mostly sound, so that much is left to build.
SOUND = {"cuda": ["13.0.3", "13.2.1", "cpu"], "os": ["ubuntu22.04", "ubuntu24.04", "rockylinux9"]}

MODEST = settings(deadline=None, max_examples=60)
MANY = settings(deadline=None, max_examples=250)


def _some(values: list[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


_axes = st.fixed_dictionaries(
    {"cuda": _some(CUDAS), "os": _some(SYSTEMS)},
    optional={
        "flavor": _some(FLAVORS),
        "platform": _some(PLATFORMS, 2),
        "torch": _some(TORCHES, 2),
        "python": _some(PYTHONS, 2),
        "source": _some(["upstream", "wheels"], 2),
    },
)
_match = st.fixed_dictionaries(
    {}, optional={axis: _some(texts, 2) for axis, texts in PATTERNS.items()}
).filter(bool)
_excludes = st.lists(st.fixed_dictionaries({"match": _match, "reason": st.just("x")}), max_size=3)
_sets = st.fixed_dictionaries(
    {}, optional={"torch": st.sampled_from(TORCHES), "python": st.sampled_from(PYTHONS)}
).filter(bool)
_overrides = st.lists(
    st.fixed_dictionaries({"match": _match, "set": _sets, "reason": st.just("x")}), max_size=2
)
_includes = st.lists(
    st.fixed_dictionaries(
        {"cuda": _some(CUDAS, 2), "os": _some(SYSTEMS, 2)},
        optional={"flavor": _some(FLAVORS, 2), "source": _some(["wheels", "cpu", "ngc-pytorch"], 1)},
    ),
    max_size=2,
)
_hosts = st.lists(
    st.sampled_from(["azure:Standard_NC24ads_A100_v4", {"gpu": "V100", "driver": "535.1"}, {"gpu": "x"}]),
    max_size=2,
)
_rules = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["os-eol", "base-eol", "tag-collision", "nothing"]),
            "severity": st.sampled_from(["silent", "note", "error"]),
            "reason": st.just("x"),
        },
        optional={"match": _match},
    ),
    max_size=2,
)
_tags = st.sampled_from(
    ["{cuda}-{flavor}-{os}-{epoch:%Y%m%d}", "{cuda}-{epoch:%Y}", "{cuda", "[{torch}]-{epoch}"]
)
_matrices = st.fixed_dictionaries(
    {
        **{key: st.just(HEAD[key]) for key in ("release", "staging")},
        "tags": st.builds(lambda t: {"release": t}, _tags),
    },
    optional={
        "axes": _axes,
        "exclude": _excludes,
        "override": _overrides,
        "include": _includes,
        "hosts": _hosts,
        "rules": _rules,
        "companions": _some(["torchvision", "torchaudio==2.11.0"], 2),
    },
)


@given(_axes, _excludes)
@MODEST
def test_cells_are_the_product_less_what_is_excluded(
    axes: dict[str, Any], exclude: list[dict[str, Any]]
) -> None:
    axes = {**axes, "cuda": [cuda for cuda in axes["cuda"] if cuda != "cpu"] or ["13.2.1"], "python": "3.12"}
    loaded = matrix(axes=axes, exclude=exclude)
    defaults = loaded.matrix.axes
    names = ("source", "cuda", "flavor", "os", "platform", "torch", "python", "env")
    products = product(*(getattr(defaults, name) for name in names))
    points = [{**dict(zip(names, values, strict=True)), "app": ""} for values in products]
    rules = [rule.match.given() for rule in loaded.matrix.exclude]
    kept = [point for point in points if not any(matches(rule, point) for rule in rules)]
    expansion = expand(loaded)
    assert sorted(tuple(cell.values().values()) for cell in expansion.cells) == sorted(
        tuple(point[name] for name in expansion.cells[0].values()) for point in kept
    )
    assert sum(any(matches(rule, point) for rule in rules) for point in points) == len(points) - len(kept)


@given(_matrices, st.randoms(use_true_random=False))
@MODEST
def test_order_does_not_matter(data: dict[str, Any], shuffle: random.Random) -> None:
    # Overrides are an order: of several that match, the last wins.
    data = {key: value for key, value in data.items() if key != "override"}
    there, back = parsed(text(data)), parsed(text(_shuffled(data, shuffle)))
    assert expand(there).targets == expand(back).targets


def _shuffled(data: Any, shuffle: random.Random) -> Any:
    match data:
        case dict():
            items = list(data.items())
            shuffle.shuffle(items)
            return {key: _shuffled(value, shuffle) for key, value in items}
        case list():
            items = [_shuffled(item, shuffle) for item in data]
            shuffle.shuffle(items)
            return items
    return data


@given(_matrices)
@MODEST
@example({**HEAD, "axes": SOUND, "exclude": [{"match": {"cuda": "cpu", "os": "r*"}, "reason": "x"}]})
def test_without_errors_no_two_targets_share_a_tag_or_a_name_and_all_can_be_built(
    data: dict[str, Any],
) -> None:
    loaded = parsed(text(data))
    expansion = expand(loaded)
    lock = lock_for(loaded, expansion)
    found = judge(Context(loaded, expansion, lock, TODAY))
    if any(finding.severity is Severity.ERROR for finding in found):
        return
    tags = [
        tag for target in expansion.targets for tag in render_all(loaded.matrix.tags.release, target, EPOCH)
    ]
    assert len(tags) == len(set(tags))
    names = [
        bake_name(target.name, cell.platform.slug) for target in expansion.targets for cell in target.cells
    ]
    assert len(names) == len(set(names))
    # What the tables may be too old for is only warned of, and refused when it is to be built.
    doubtful = any(finding.severity is Severity.WARNING for finding in found)
    with suppress(BuilderError) if doubtful else nullcontext():
        assert len(builds(loaded.matrix, lock, expansion.targets)) == len(names)


@given(_matrices)
@MANY
def test_any_matrix_gets_findings_and_no_traceback(data: dict[str, Any]) -> None:
    loaded = parsed(text(data))
    expansion = expand(loaded)
    for lock in (None, lock_for(loaded, expansion)):
        for finding in judge(Context(loaded, expansion, lock, TODAY)):
            assert finding.fix
            assert finding.where is not None
            assert finding.where.line <= text(data).count(b"\n") + 1


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=20),
    st.sampled_from(["13.0.2", "linux/amd64", "a/b", "x", "{cuda}", ">=1", "base", "*", "gpu"]),
)
_keys = st.sampled_from(
    (
        *("release", "staging", "axes", "tags", "rolling", "cuda", "os", "match", "set", "reason", "include"),
        *("exclude", "override", "hosts", "rules", "smoke", "require", "policies", "sources", "wheels"),
        *("components", "id", "gpus"),
    )
)
_anything = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_keys | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _anything, max_size=6))
@MANY
def test_any_data_is_a_matrix_or_located_errors(data: dict[str, Any]) -> None:
    _told(yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
@MANY
def test_any_bytes_are_a_matrix_or_located_errors(content: bytes) -> None:
    _told(content)


@given(
    st.lists(
        st.sampled_from([*"-:?,[]{}#&*!|>'\"%@` \n\t", "a", "- ", ": ", "&a ", "*a", "!!", "<<", "~"]),
        max_size=40,
    )
)
def test_any_punctuation_is_a_matrix_or_located_errors(pieces: list[str]) -> None:
    _told("".join(pieces).encode())


@given(st.data(), st.sampled_from([b"axes", b"13.2.1", b"{", b"[", b"\n", b" ", b":", b"-"]))
@MANY
def test_a_damaged_matrix_is_a_matrix_or_located_errors(data: st.DataObject, piece: bytes) -> None:
    sound = text({**HEAD, "axes": {"cuda": ["13.2.1"], "os": ["ubuntu24.04"]}, "smoke": {"max-age": 3}})
    at = data.draw(st.integers(0, len(sound)))
    cut = data.draw(st.integers(0, 20))
    _told(sound[:at] + piece + sound[at + cut :])


def _told(content: bytes) -> None:
    read = load(content, "matrix.yaml")
    if isinstance(read, Loaded):
        expand(read)
        return
    assert read
    for finding in read:
        assert finding.where is not None
        assert finding.where.file == "matrix.yaml"
        assert finding.message
        assert finding.fix


_components = st.from_regex(r"[a-z0-9]{1,6}((\.|_|__|-{1,3})[a-z0-9]{1,6}){0,2}", fullmatch=True)
_hosts_names = st.from_regex(r"(localhost|[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2})(:[0-9]{1,5})?", fullmatch=True)
_repositories = st.builds(
    lambda host, parts: f"{host}/{'/'.join(parts)}",
    _hosts_names,
    st.lists(_components, min_size=1, max_size=3),
)
_tag_names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)
_digests = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)


@given(_repositories, _tag_names, _digests, st.booleans(), st.booleans())
@MODEST
def test_references_are_what_their_text_says(
    name: str, tag: str, digest: str, tagged: bool, pinned: bool
) -> None:
    written = name + (f":{tag}" if tagged or not pinned else "") + (f"@{digest}" if pinned else "")
    reference = Reference.parse(written)
    assert Reference.parse(str(reference)) == reference
    assert Repository.parse(str(reference.repository)) == reference.repository
    # Docker Hub's short names are the only ones that are written out.
    if reference.repository.registry != "docker.io":
        assert str(reference) == written


@MODEST
@given(
    st.sampled_from(["linux", "windows"]),
    st.sampled_from(["amd64", "arm64", "arm", "ppc64le", "x86_64", "aarch64"]),
    st.sampled_from(["", "v6", "v7", "v8"]),
)
def test_platforms_are_what_their_text_says(os: str, architecture: str, variant: str) -> None:
    platform = Platform.parse("/".join(filter(None, (os, architecture, variant))))
    assert Platform.parse(str(platform)) == platform
