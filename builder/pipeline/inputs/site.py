"""What this machine gives to builds without leaving a trace in them: CA bundle, package settings, wheels.

The files lie in the user's cache under names made of their content, not in a temporary folder: a bake file
that was printed must still build when we are gone.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from builder.bake.definition import Build, Site
from builder.engine.channels import alias_from_environment
from builder.engine.indexes import find_links_from_environment, index_url
from builder.engine.pythons import mirror_from_environment
from builder.model.digest import Digest
from builder.web.hosts import is_loopback

_PROXIES = tuple(
    name
    for kind in ("http", "https", "ftp", "all", "no")
    for name in (f"{kind}_proxy", f"{kind}_proxy".upper())
)

_FILE = "file://"


def site(builds: Iterable[Build]) -> Site:
    """The settings that these builds need.

    The CA bundle is `SSL_CERT_FILE`; the default index is that of uv's and pip's own variables; wheels come
    from the first folder of `PIP_FIND_LINKS`, where that has them, conda's channels from what
    `CONDA_CHANNEL_ALIAS` names, a folder or another host, and Pythons likewise from
    `UV_PYTHON_INSTALL_MIRROR`. `CIB_NETWORK=host` has steps share the engine's own network, and the usual
    variables name its proxies.
    """
    secrets = {}
    network = os.environ.get("CIB_NETWORK", "")
    default = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or ""
    if default:
        secrets["pip"] = _kept("pip.conf", f"[global]\nindex-url = {default}\n")
    authorities = os.environ.get("SSL_CERT_FILE")
    if authorities and Path(authorities).is_file():
        secrets["ca"] = Path(authorities).resolve()
    asked = {build.index: _uv(build.index, default) for build in builds}
    folders = find_links_from_environment()
    alias, channels = _place(alias_from_environment(), "channels")
    mirror, pythons = _place(mirror_from_environment(), "pythons")
    secrets |= {name: _kept(name, url) for name, url in (("conda", alias), ("pythons", mirror)) if url}
    return Site(
        secrets=secrets,
        indexes={index: _kept("uv.toml", text) for index, text in asked.items() if text},
        wheelhouse=Path(folders[0]).resolve() if folders else _folder("no-wheels"),
        channels=channels,
        pythons=pythons,
        network=network,
        proxies=dict(_proxies(network)),
    )


def _place(url: str, name: str) -> tuple[str, Path]:
    """Where builds find what is there, and the folder that they see as that: an empty one for other hosts."""
    if url.startswith(_FILE):
        return f"{_FILE}/{name}", Path(unquote(urlsplit(url).path))
    return url, _folder(f"no-{name}")


def _proxies(network: str) -> Iterator[tuple[str, str]]:
    """The proxies of the environment. Steps that have a network of their own cannot reach one on loopback."""
    for name in _PROXIES:
        value = os.environ.get(name, "")
        if value and (network == "host" or not is_loopback(urlsplit(value).hostname or "")):
            yield name, value


def _uv(index: str, default: str) -> str:
    extra = f'[[index]]\nurl = "{index_url(index)}"\n' if index else ""
    return extra + (f'[[index]]\nurl = "{default}"\ndefault = true\n' if default else "")


def _kept(name: str, text: str) -> Path:
    """A file of this content that only the user can read: an index may name a password."""
    file = _folder("site") / f"{Digest.of(text.encode()).short}-{name}"
    if not file.exists():
        scratch = file.with_suffix(f".{os.getpid()}")
        scratch.touch(mode=0o600)
        scratch.write_text(text)
        scratch.replace(file)
    return file


def _folder(name: str) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(cache, "cuda-image-builder", name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
