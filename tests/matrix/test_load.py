from typing import Any

import pytest

from builder.matrix.schema import Matrix
from builder.matrix.text.load import MAX_FINDINGS, Loaded, load
from builder.model.finding import Severity

from .samples import CLEAN, HEAD, matrix, mistakes, text

# Each mistake: what is put into a sound matrix, a part of the message, and the line and column it stands at.
WHOLE = """\
release: ghcr.io/acme/cuda
staging: ghcr.io/acme/cuda-staging
tags: {release: ["{cuda}-{epoch:%Y%m%d}"]}
"""
MISTAKES = {
    "unknown key": ("axis: {cuda: x}", "unknown key `axis` (did you mean `axes`?)", 4, 1),
    "unknown key, second level": ("axes: {cude: x}", "unknown key `cude` (did you mean `cuda`?)", 4, 8),
    "unknown key, third level": ("sources: {wheels: {mirror: x}}", "did you mean `mirrors`?", 4, 20),
    "unknown key in a list": (
        "exclude:\n  - {match: {os: x}, reasn: y}",
        "unknown key `reasn` (did you mean `reason`?)",
        5,
        22,
    ),
    "unknown key in a mapping in a list": (
        "override:\n  - match: {oss: x}\n    set: {torch: x}\n    reason: y",
        "unknown key `oss` (did you mean `os`?)",
        5,
        13,
    ),
    "unknown key in a set": ("override: [{match: {os: x}, set: {torhc: y}}]", "did you mean `torch`?", 4, 35),
    "unknown key of an alias": ("sources: {ngc_pytorch: {}}", "did you mean `ngc-pytorch`?", 4, 11),
    "unknown key under a key of the user": (
        "sources: {ngc-pytorch: {releases: {'25.09': {tourch: x, cuda: '1', python: '3'}}}}",
        "did you mean `torch`?",
        4,
        46,
    ),
    "unknown key of a host": ("hosts: [azure:X, {gpuu: L4}]", "did you mean `gpu`?", 4, 19),
    "unknown key of a policy": (
        "smoke: {policies: [{match: {os: x}, levl: gpu, reason: y}]}",
        "`level`?",
        4,
        37,
    ),
    "unknown key of a GPU": ("smoke: {gpus: [{ccc: '9.0'}]}", "did you mean `cc`?", 4, 17),
    "missing key": ("exclude: [{reason: x}]", "`match` is missing", 4, 11),
    "missing key of a rule": ("rules: [{id: os-eol, severity: off}]", "`reason` is missing", 4, 9),
    "a number": ("axes: {cuda: 13, os: x}", "`axes.cuda` is a number, not text", 4, 14),
    "a number in a list": ("axes: {cuda: ['13.0.2', 13], os: x}", "`axes.cuda.1` is a number", 4, 25),
    "a float": ("axes: {cuda: [12.10], os: x}", "12.10 without quotes is a number", 4, 15),
    "yes": ("axes: {cuda: yes, os: x}", "`axes.cuda` is true or false, not text", 4, 14),
    "a date as a version": ("axes: {cuda: 2026-01-01, os: x}", "`axes.cuda` is a date", 4, 14),
    "nothing": ("axes: {cuda: , os: x}", "`axes.cuda` has no value", 4, 8),
    "nothing in a list": ("axes:\n  cuda: [x, ~]\n  os: x", "`axes.cuda.1` has no value", 5, 13),
    "nothing at all": ("exclude:", "`exclude` has no value", 4, 1),
    "text for a mapping": ("axes: all", "`axes` is `all`, not a mapping", 4, 7),
    "text for a list": ("exclude: none", "`exclude` is `none`, not a list", 4, 10),
    "a mapping for a list": ("exclude: {match: {os: x}}", "`exclude` is a mapping, not a list", 4, 10),
    "a list for text": ("build: {compression: [zstd]}", "`build.compression`", 4, 22),
    "an empty list": ("axes: {cuda: [], os: x}", "`axes.cuda` is empty", 4, 14),
    "an empty text": ("axes: {cuda: '', os: x}", "`axes.cuda` cannot be ``", 4, 14),
    "a value that is none": ("build: {compression: zst}", "did you mean `zstd`?", 4, 22),
    "a flavor that is none": ("axes: {cuda: x, os: x, flavor: [base, devl]}", "did you mean `devel`?", 4, 39),
    "a flavor as a key": (
        "sources: {wheels: {components: {devle: [nvcc]}}}",
        "did you mean `devel`?",
        4,
        33,
    ),
    "a platform that is none": (
        "axes: {cuda: x, os: x, platform: amd64}",
        "'amd64' is not a platform",
        4,
        34,
    ),
    "a platform as a key": ("smoke: {require: {arm64: gpu}}", "'arm64' is not a platform", 4, 19),
    "a level that is none": ("smoke: {require: {linux/arm64: none}}", "`none`", 4, 32),
    "a repository that is none": ("sources: {cpu: {repository: 'A B'}}", "is not a repository", 4, 29),
    "a repository with a tag": ("sources: {cpu: {repository: 'x/y:latest'}}", "is not a repository", 4, 29),
    "a mirror that is none": (
        "sources: {cpu: {repository: x/y, mirrors: [a/b, 'C D']}}",
        "repository",
        4,
        49,
    ),
    "a value of the shell": ("axes: {cuda: 'x; reboot', os: x}", "`axes.cuda` cannot be `x; reboot`", 4, 14),
    "a value twice": ("axes: {cuda: [x, y, x], os: x}", "`x` stands twice in one list", 4, 14),
    "cuda without os": ("axes: {cuda: x}", "`cuda` without `os`", 4, 7),
    "a range that is none": (
        "exclude: [{match: {cuda: '>=twelve'}, reason: x}]",
        "not a version range",
        4,
        26,
    ),
    "a range in a list": (
        "exclude: [{match: {cuda: ['1.*', '>']}, reason: x}]",
        "not a version range",
        4,
        26,
    ),
    "a range on names": ("exclude: [{match: {os: '>=22'}, reason: x}]", "`os` has no versions", 4, 24),
    "a match of everything": ("exclude: [{match: {}, reason: x}]", "names at least one axis", 4, 19),
    "a set of nothing": ("override: [{match: {os: x}, set: {}, reason: x}]", "at least one value", 4, 34),
    "a quoted date": ("exclude: [{match: {os: x}, reason: x, until: '2027-01-01'}]", "not a date", 4, 46),
    "no day": ("exclude: [{match: {os: x}, reason: x, until: 2027-02-30}]", "is no value", 4, 46),
    "a negative age": ("smoke: {max-age: -1}", "greater than or equal to 1", 4, 18),
    "an age as text": ("smoke: {max-age: '90'}", "not a whole number", 4, 18),
    "a host of two kinds": ("hosts: [{size: x, gpu: y}]", "either a `size` of a cloud or a `gpu`", 4, 9),
    "a host of no kind": ("hosts: [{driver: '535'}]", "either a `size`", 4, 9),
    "a driver that is none": ("hosts: [{gpu: L4, driver: newest}]", "cannot be `newest`", 4, 27),
    "a companion that is none": ("companions: torchtext", "cannot be `torchtext`", 4, 13),
    "a severity that is none": (
        "rules: [{id: x, severity: warn, reason: y}]",
        "did you mean `warning`?",
        4,
        27,
    ),
    "a release that is none": (
        "sources: {ngc-pytorch: {releases: {latest: {}}}}",
        "cannot be `latest`",
        4,
        36,
    ),
    "a very long value": (f"axes: {{cuda: {'1' * 5000}.0.0, os: x}}", "at most 64 characters", 4, 14),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_its_place_and_a_remedy(name: str) -> None:
    part, message, line, column = MISTAKES[name]
    found = [finding for finding in mistakes(f"{WHOLE}{part}\n".encode()) if message in finding.message]
    assert found, [f"{f.where}: {f.message}" for f in mistakes(f"{WHOLE}{part}\n".encode())]
    (finding,) = found
    assert finding.where is not None
    assert (finding.where.line, finding.where.column) == (line, column)
    assert finding.severity is Severity.ERROR
    assert finding.fix
    assert len(finding.message) < 400


def test_ten_mistakes_at_once() -> None:
    content = """\
release: GHCR.io/Acme/Cuda
stagin: ghcr.io/acme/cuda-staging
axes:
  cuda: [12.10, "13.0.2", "13.0.2"]
  flavour: [base]
  os: [ubuntu24.04]
  platform: [linux/amd64, amd64]
exclude:
  - {match: {cuda: ">=13,twelve"}, reason: x, until: soon}
  - {match: {os: ubuntu24.04, os: ubuntu22.04}, reason: }
tags: {release: []}
smoke: {require: {linux/amd64: yes}}
"""
    found = mistakes(content.encode())
    assert [f.where.line for f in found if f.where] == [1, 1, 2, 4, 4, 5, 7, 9, 9, 10, 10, 11, 12]


def test_finds_are_bounded() -> None:
    found = mistakes(b"".join(b"k%d: 1\n" % i for i in range(40_000)))
    assert len(found) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b"# nothing\n", "it is empty"),
        (b"[]", "not a mapping"),
        (b"hello", "not a mapping"),
    ],
)
def test_what_is_no_mapping(content: bytes, message: str) -> None:
    (finding,) = mistakes(content)
    assert message in finding.message
    assert "`release:`" in finding.fix


@pytest.mark.parametrize("key", ["release", "staging", "tags"])
def test_what_must_be_there(key: str) -> None:
    (finding,) = mistakes(text({name: value for name, value in CLEAN.items() if name != key}))
    assert finding.message == f"`{key}` is missing"
    assert finding.fix == f"Add `{key}:`."


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ({"flavor": "runtime-cudnn"}, ("cudnn-runtime",)),
        ({"flavor": ["devel-cudnn", "base"]}, ("cudnn-devel", "base")),
        ({"flavor": "cudnn8-devel"}, ("cudnn-devel",)),
    ],
)
def test_other_names_of_flavors(axes: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert matrix(axes={"cuda": "x", "os": "y", **axes}).matrix.axes.flavor == expected


def test_one_value_needs_no_list() -> None:
    one = matrix(axes={"cuda": "13.0.2", "os": "ubuntu24.04", "platform": "linux/aarch64"}).matrix
    many = matrix(axes={"cuda": ["13.0.2"], "os": ["ubuntu24.04"], "platform": ["linux/arm64"]}).matrix
    assert one == many


def test_a_host_may_be_its_size_alone() -> None:
    short = matrix(hosts=["azure:X"]).matrix
    assert short == matrix(hosts=[{"size": "azure:X"}]).matrix


def test_a_sound_matrix_is_its_model() -> None:
    read = load(text(CLEAN), "matrix.yaml")
    assert isinstance(read, Loaded)
    assert isinstance(read.matrix, Matrix)
    assert read.matrix.release == HEAD["release"]
