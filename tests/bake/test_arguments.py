"""Build arguments are published: what looks like a secret is refused, and not repeated."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from builder.bake.definition import Site, definition
from builder.model.errors import BuilderError, ExitCode
from tests.bake.samples import all_builds, site

BUILD = next(iter(all_builds().values()))


def with_argument(name: str, value: str, folder: Path) -> str:
    build = replace(BUILD, recipe=replace(BUILD.recipe, arguments={name: value}))
    return json.dumps(definition([build], folder, site(folder)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_TOKEN", "abc"),
        ("DB_PASSWORD", "abc"),
        ("API_KEY", "abc"),
        ("private_key", "abc"),
        ("INDEX", "https://user:hunter2@example.com/simple"),
        ("EXTRA", "-----BEGIN RSA PRIVATE KEY-----\nMII"),
        ("EXTRA", "ghp_0123456789abcdef"),
        ("EXTRA", "glpat-0123456789"),
        ("EXTRA", "AKIAIOSFODNN7EXAMPLE"),
        ("EXTRA", "nvapi-0123456789"),
        ("EXTRA", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x"),
    ],
)
def test_what_looks_like_a_secret_is_refused(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match=f"argument {name} looks like a secret") as refused:
        with_argument(name, value, tmp_path)
    assert refused.value.code is ExitCode.MATRIX
    assert value not in f"{refused.value.what} {refused.value.fix}"
    assert refused.value.where == BUILD.recipe.cell.where


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_TOKEN", ""),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("KEYRING", "debian"),
        ("MIRROR", "https://example.com:8443/debian"),
        ("WHO", "user@example.com"),
    ],
)
def test_what_does_not_is_passed_on(name: str, value: str, tmp_path: Path) -> None:
    assert f'"{name}": "{value}"' in with_argument(name, value, tmp_path)


def test_a_proxy_is_an_argument_and_no_input(tmp_path: Path) -> None:
    behind = replace(site(tmp_path), proxies={"https_proxy": "http://proxy.example.com:3128"})
    file = definition([BUILD], tmp_path, behind)
    assert file["target"][BUILD.name]["args"]["https_proxy"] == "http://proxy.example.com:3128"
    assert "proxy.example.com" not in json.dumps({**file["target"][BUILD.name], "args": {}})


def test_a_proxys_password_is_refused(tmp_path: Path) -> None:
    behind = Site({}, {}, tmp_path, proxies={"https_proxy": "http://me:hunter2@proxy.example.com:3128"})
    with pytest.raises(BuilderError, match="https_proxy looks like a secret"):
        definition([BUILD], tmp_path, behind)
