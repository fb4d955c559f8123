"""The bake file: what `docker buildx bake` reads, complete without us."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from builder.bake.arguments import refuse_secrets
from builder.bake.cache import Cache
from builder.bake.labels import annotations
from builder.bake.recipe import Recipe
from builder.bake.staging import key_tag
from builder.model.digest import Digest
from builder.model.reference import Reference, Repository


@dataclass(frozen=True, slots=True)
class Site:
    """What belongs to the place of the build and never to the image: CA bundle, package settings, wheels.

    Secrets are files by their BuildKit id; `indexes` are uv's settings by the PyTorch index that a build's
    wheels come from, for those that need any. `wheelhouse` is a folder of wheels, an empty one where there
    is none; `channels` is the same for channels of conda's, and `pythons` for archives of uv's. `network` is
    what RUN steps use, `host` where the engine has no network of its own, else empty; `proxies` are the proxy
    variables, which BuildKit keeps out of images and cache by itself.
    """

    secrets: Mapping[str, Path]
    indexes: Mapping[str, Path]
    wheelhouse: Path
    channels: Path | None = None
    pythons: Path | None = None
    network: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attestations:
    """What is told of a build besides its image, and no input of it.

    `provenance` is BuildKit's mode, `scanner` the image with which BuildKit lists packages; empty is neither.
    `listed` says that the packages are listed after the build.
    """

    provenance: str = ""
    scanner: str = ""
    listed: bool = False

    @property
    def lists(self) -> bool:
        """Whether the packages are listed at all."""
        return self.listed or bool(self.scanner)


@dataclass(frozen=True)
class Build:
    """One bake target: a recipe with the places where its parts are and where its image goes.

    `images` are what its Dockerfile's names stand for. An app has `parents` instead, by flavor, and `twins`:
    those on other platforms, by BuildKit's name for that, `base::linux/amd64`. They are no input, as what a
    stage makes for a platform does not depend on where it runs. The `lender` is the image whose Python tests
    of this one run with, where it has none. `budget` is the most that a pull of the image may download, in
    bytes.
    """

    name: str
    target: str
    recipe: Recipe
    images: Mapping[str, Reference]
    staging: Repository
    labels: Mapping[str, str]
    index: str = ""
    parents: Mapping[str, "Build"] = field(default_factory=dict)
    twins: Mapping[str, "Build"] = field(default_factory=dict)
    lender: "Build | None" = None
    budget: int | None = None
    attestations: Attestations = Attestations()

    @cached_property
    def key(self) -> Digest:
        """The key of its recipe."""
        return self.recipe.key

    @property
    def image(self) -> Reference:
        """Where Buildx pushes it."""
        return self.staging.tag(key_tag(self.key))


def bake_name(target: str, slug: str) -> str:
    """A name that bake takes: it allows letters, digits, `-` and `_` only."""
    return f"{target}-{slug}".replace(".", "_").replace("+", "_")


def definition(
    builds: Iterable[Build],
    context: Path,
    site: Site,
    staged: Mapping[str, Digest] | None = None,
    caches: Mapping[str, Cache] | None = None,
) -> dict[str, Any]:
    """The bake file of these builds, with a group of all as its default.

    `staged` are the manifests of apps' parents by the names of their builds. A parent that it does not have
    must be among the builds; for a twin that is in neither its parent stands in, under emulation. `caches`
    are those of builds that have one, by their names.

    Raises:
        BuilderError: (2) when an argument looks like a secret.
    """
    some, known = tuple(builds), staged or {}
    present = {*known, *(build.name for build in some)}
    targets = {}
    for build in some:
        over = {**build.parents, **{name: twin for name, twin in build.twins.items() if twin.name in present}}
        images = {name: _image(one, known) for name, one in over.items()}
        targets[build.name] = _target(build, context, site, images, (caches or {}).get(build.name))
    return {"group": {"default": {"targets": sorted(targets)}}, "target": targets}


def dump(file: Mapping[str, Any]) -> Iterator[str]:
    """A bake file as JSON, with a line for each target, in pieces: the whole of a large family's is long."""
    yield f'{{\n  "group": {json.dumps(file["group"])},\n  "target": {{'
    for i, (name, told) in enumerate(file["target"].items()):
        yield f"{',' if i else ''}\n    {json.dumps(name)}: {json.dumps(told)}"
    yield "\n  }\n}\n"


def _target(
    build: Build, context: Path, site: Site, over: Mapping[str, str], cache: Cache | None
) -> dict[str, Any]:
    recipe = build.recipe
    secrets = {**site.secrets, **({"uv": site.indexes[build.index]} if build.index in site.indexes else {})}
    exporter = {
        "type": "image",
        "name": str(build.image),
        "push": "true",
        "store": "false",
        "unpack": "false",
        "oci-mediatypes": "true",
        "rewrite-timestamp": "true",
        **recipe.exporter,
    }
    arguments = {**site.proxies, **recipe.arguments}
    refuse_secrets(arguments, recipe.cell.where)
    told = annotations(build.labels, build.key, recipe.canonical)
    return {
        **_files(recipe, context),
        "contexts": {
            **{name: f"docker-image://{image}" for name, image in build.images.items()},
            **over,
            "wheelhouse": str(site.wheelhouse),
            **({"channels": str(site.channels)} if recipe.conda and site.channels else {}),
            **({"pythons": str(site.pythons)} if recipe.managed and site.pythons else {}),
        },
        "args": {**_escaped(arguments), "SOURCE_DATE_EPOCH": str(recipe.epoch)},
        **({"labels": _escaped(build.labels)} if recipe.cell.app else {}),
        "platforms": [str(recipe.cell.platform)],
        "annotations": [f"manifest:{name}={_escape(value)}" for name, value in sorted(told.items())],
        "secret": [f"id={name},src={path}" for name, path in sorted(secrets.items())],
        **({"network": site.network} if site.network else {}),
        "attest": _attest(build.attestations),
        "output": [",".join(f"{name}={value}" for name, value in exporter.items())],
        **(cache.fields(recipe.exporter["compression"]) if cache else {}),
    }


def _files(recipe: Recipe, context: Path) -> dict[str, str]:
    """Our Dockerfile with the context of all builds, or an app's own."""
    if app := recipe.cell.app:
        return {"context": app.sources.folder, "dockerfile": app.sources.dockerfile}
    return {"context": str(context), "dockerfile-inline": _escape(recipe.dockerfile)}


def _image(build: Build, staged: Mapping[str, Digest]) -> str:
    digest = staged.get(build.name)
    return f"docker-image://{build.staging.at(digest)}" if digest else f"target:{build.name}"


def _escaped(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: _escape(text) for name, text in texts.items()}


def _attest(wanted: Attestations) -> list[str]:
    mode = f"mode={wanted.provenance}" if wanted.provenance else "disabled=true"
    scan = [f"type=sbom,generator={wanted.scanner}"] if wanted.scanner else []
    return [f"type=provenance,{mode}", *scan]


def _escape(text: str) -> str:
    """Bake expands `${` and `%{` in JSON strings as HCL does; doubled, they stand for themselves."""
    return text.replace("${", "$${").replace("%{", "%%{")
