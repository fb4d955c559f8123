"""What this machine gives to builds without leaving a trace in them: CA bundle, package settings, wheels."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from builder.bake.definition import Site
from builder.engine.resolver import find_links_from_environment

_PYTORCH = "https://download.pytorch.org/whl"


@contextmanager
def site(variants: Iterable[str]) -> Iterator[Site]:
    """The site's settings as files, for as long as builds run.

    `variants` are the PyTorch indexes that wheels may have to come from. The CA bundle is `SSL_CERT_FILE`;
    other indexes are those of uv's and pip's own variables; wheels come from `PIP_FIND_LINKS` first.
    """
    with TemporaryDirectory(prefix="site-") as scratch:
        secrets = {"uv": _write(Path(scratch, "uv.toml"), _uv(variants))}
        if index := os.environ.get("PIP_INDEX_URL"):
            secrets["pip"] = _write(Path(scratch, "pip.conf"), f"[global]\nindex-url = {index}\n")
        authorities = os.environ.get("SSL_CERT_FILE")
        if authorities and Path(authorities).is_file():
            secrets["ca"] = Path(authorities).resolve()
        empty = Path(scratch, "wheels")
        empty.mkdir()
        folders = find_links_from_environment()
        yield Site(secrets, Path(folders[0]) if folders else empty)


def _uv(variants: Iterable[str]) -> str:
    lines = []
    if default := os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL"):
        lines.append(f'[[index]]\nurl = "{default}"\ndefault = true\n')
    lines += [f'[[index]]\nurl = "{_PYTORCH}/{variant}"\n' for variant in sorted(variants)]
    return "\n".join(lines)


def _write(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file
