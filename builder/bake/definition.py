"""The bake file: what `docker buildx bake` reads, complete without us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from builder.bake.labels import annotations
from builder.bake.recipe import Recipe, canonical
from builder.bake.staging import key_tag
from builder.model.digest import Digest
from builder.model.reference import Reference, Repository


@dataclass(frozen=True, slots=True)
class Site:
    """What belongs to the place of the build and never to the image: CA bundle, package settings, wheels.

    Secrets are files by their BuildKit id; `indexes` are uv's settings by the PyTorch index that a build's
    wheels come from, for those that need any. `wheelhouse` is a folder of wheels, an empty one where there
    is none.
    """

    secrets: Mapping[str, Path]
    indexes: Mapping[str, Path]
    wheelhouse: Path


@dataclass(frozen=True)
class Build:
    """One bake target: a recipe with the places where its parts are and where its image goes."""

    name: str
    target: str
    recipe: Recipe
    base: Reference
    tools: Reference
    staging: Repository
    labels: Mapping[str, str]
    index: str = ""

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


def definition(builds: Iterable[Build], context: Path, site: Site) -> dict[str, Any]:
    """The bake file of these builds, with a group of all as its default."""
    targets = {build.name: _target(build, context, site) for build in builds}
    return {"group": {"default": {"targets": sorted(targets)}}, "target": targets}


def _target(build: Build, context: Path, site: Site) -> dict[str, Any]:
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
    told = annotations(build.labels, build.key, canonical(recipe.inputs()))
    return {
        "context": str(context),
        "contexts": {
            "base": f"docker-image://{build.base}",
            "tools": f"docker-image://{build.tools}",
            "wheelhouse": str(site.wheelhouse),
        },
        "dockerfile-inline": _escape(recipe.dockerfile),
        "args": {**recipe.arguments, "SOURCE_DATE_EPOCH": str(recipe.epoch)},
        "platforms": [str(recipe.cell.platform)],
        "annotations": [f"manifest:{name}={_escape(value)}" for name, value in sorted(told.items())],
        "secret": [f"id={name},src={path}" for name, path in sorted(secrets.items())],
        "attest": ["type=provenance,disabled=true"],
        "output": [",".join(f"{name}={value}" for name, value in exporter.items())],
    }


def _escape(text: str) -> str:
    """Bake expands `${` and `%{` in JSON strings as HCL does; doubled, they stand for themselves."""
    return text.replace("${", "$${").replace("%{", "%%{")
