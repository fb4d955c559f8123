"""What a Dockerfile can see of the build context is in its key, and the rest is not."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from builder.bake import context
from builder.bake.definition import Build
from builder.bake.seen import seen
from builder.model.errors import BuilderError, ExitCode
from tests.bake.goldens import family, rendered

_OWN = re.compile(r"/builder/([\w.-]+(?:/[\w.-]+)*)")
_IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
# How the Python scripts name the folder, and `system` the one of its package manager.
_NAMED = re.compile(r'BUILDER / "([\w.-]+)"')
_MANAGER, _MANAGERS = re.compile(r"/builder/system (\w+)"), "/builder/$manager/"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("COPY --link a b/c/ /x/", {"a", "b/c"}),
        ("COPY ./a/../b /x", {"b"}),
        ("COPY a \\\n  # why\n  b \\\n  /x", {"a", "b"}),
        ("copy a /x", {"a"}),
        ("COPY --from=base a /x", set()),
        ("COPY --chmod=755 a --from=base /x", set()),
        ("COPY <<'END' /x\nCOPY hidden /y\nEND", set()),
        ("COPY <<END a /x\nhidden\nEND", {"a"}),
        ("ADD a /x", {"a"}),
        ("COPY . /x", {"."}),
        ("COPY / /x", {"."}),
        ("COPY a* /x", {"."}),
        ("COPY $FILE /x", {"."}),
        ('COPY ["a", "/x"]', {"."}),
        ("RUN --mount=type=bind,source=a,target=/x true", {"a"}),
        ("RUN --mount=target=/x,src=/a/b true", {"a/b"}),
        ("RUN --network=none \\\n --mount=type=bind,target=/x true", {"."}),
        ("RUN --mount=type=bind,from=base,source=a,target=/x true", set()),
        (
            "RUN --mount=type=cache,target=/x --mount=type=secret,id=ca --mount=type=tmpfs,target=/y true",
            set(),
        ),
    ],
)
def test_the_paths_of_a_step(text: str, paths: set[str]) -> None:
    assert seen(f"FROM base\n{text}\nUSER a\n") == paths


def builds() -> tuple[Build, ...]:
    return rendered(family())


def by_manager(manager: str) -> Iterator[Build]:
    return (build for build in builds() if f"COPY --link {manager} " in build.recipe.dockerfile)


@pytest.fixture
def dockerfiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the build context that a test may change."""
    copy = tmp_path / "context"
    shutil.copytree(context.path(), copy, ignore=shutil.ignore_patterns(context.COMPILED))
    monkeypatch.setattr(context, "path", lambda: copy)
    _forget()
    yield copy
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    context.every.cache_clear()
    context.digests.cache_clear()


def changed(file: Path) -> set[str]:
    """The builds whose keys a change of a file changes."""
    before = {build.name: build.key for build in builds()}
    file.write_text(f"{file.read_text()}# another comment\n")
    _forget()
    return {build.name for build in builds() if build.key != before[build.name]}


@pytest.mark.parametrize(("manager", "other"), [("apt", "dnf"), ("dnf", "apt")])
def test_a_package_managers_files_are_in_the_keys_of_those_that_use_it(
    manager: str, other: str, dockerfiles: Path
) -> None:
    found = changed(dockerfiles / manager / "packages")
    assert found == {build.name for build in by_manager(manager)}
    assert found
    assert not found & {build.name for build in by_manager(other)}


def test_what_all_use_is_in_all_keys(dockerfiles: Path) -> None:
    with_packages = {build.name for manager in ("apt", "dnf") for build in by_manager(manager)}
    assert changed(dockerfiles / "with-site") == with_packages
    assert changed(dockerfiles / "add-user") == {build.name for build in builds()}
    assert changed(dockerfiles / context.IGNORE) == {build.name for build in builds()}


def test_a_file_that_is_new_in_a_folder_counts(dockerfiles: Path) -> None:
    (dockerfiles / "apt" / "more").touch()
    assert changed(dockerfiles / "apt" / "more") == {build.name for build in by_manager("apt")}


def test_what_the_context_does_not_have_is_an_error_of_the_template() -> None:
    with pytest.raises(BuilderError, match="`nothing` of the build context") as refused:
        context.digests(frozenset({"nothing", "apt"}))
    assert refused.value.code is ExitCode.TEMPLATE


def lacking(dockerfile: str) -> set[str]:
    """The files of the context that a Dockerfile's steps name, or their scripts, and that they cannot see."""
    whole = context.every()
    there = context.digests(seen(dockerfile))
    found, waiting = set[str](), [dockerfile]
    while waiting:
        text = waiting.pop()
        named = {*_OWN.findall(text), *_NAMED.findall(text)}
        named |= {f"{name}.py" for name in _IMPORT.findall(text)}
        if _MANAGERS in text:
            named |= {f"{name}/packages" for name in _MANAGER.findall(dockerfile)}
        new = (named & whole.keys()) - found
        found |= new
        waiting += [(context.path() / name).read_text() for name in new]
    return found - there.keys()


def test_all_that_steps_and_their_scripts_name_is_in_the_key() -> None:
    for build in builds():
        assert lacking(build.recipe.dockerfile) == set(), build.name


def test_a_file_that_is_named_and_not_copied_is_noticed() -> None:
    text = next(by_manager("apt")).recipe.dockerfile
    assert lacking(text.replace("system add-user", "system", 1)) == {"add-user"}
    assert "apt/dpkg-shadow" in lacking(text.replace("COPY --link apt ", "COPY --link apt/tools "))
    conda = next(build.recipe.dockerfile for build in builds() if "install-conda" in build.recipe.dockerfile)
    assert lacking(conda.replace("install-conda.py fetch.py", "install-conda.py")) == {"fetch.py"}
