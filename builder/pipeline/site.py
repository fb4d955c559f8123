"""What this machine gives to builds without leaving a trace in them: CA bundle, package settings, wheels."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from builder.bake.definition import Build, Site
from builder.engine.resolver import find_links_from_environment, index_url


@contextmanager
def site(builds: Iterable[Build]) -> Iterator[Site]:
    """The site's settings as files, for as long as builds run.

    The CA bundle is `SSL_CERT_FILE`; the default index is that of uv's and pip's own variables; wheels come from
    the first folder of `PIP_FIND_LINKS`, where that has them.
    """
    with TemporaryDirectory(prefix="site-") as scratch:
        secrets = {}
        used = sorted({"", *(build.index for build in builds)})
        indexes = {name: _write(Path(scratch, f"uv{name}.toml"), _uv(name)) for name in used}
        if index := os.environ.get("PIP_INDEX_URL"):
            secrets["pip"] = _write(Path(scratch, "pip.conf"), f"[global]\nindex-url = {index}\n")
        authorities = os.environ.get("SSL_CERT_FILE")
        if authorities and Path(authorities).is_file():
            secrets["ca"] = Path(authorities).resolve()
        empty = Path(scratch, "wheels")
        empty.mkdir()
        folders = find_links_from_environment()
        yield Site(secrets, indexes, Path(folders[0]) if folders else empty)


def _uv(index: str) -> str:
    lines = []
    if default := os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL"):
        lines.append(f'[[index]]\nurl = "{default}"\ndefault = true\n')
    if index:
        lines.append(f'[[index]]\nurl = "{index_url(index)}"\n')
    return "\n".join(lines)


def _write(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file
