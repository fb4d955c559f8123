"""The image writer: equal inputs give equal digests, and what it pushes can be read back."""

import io
import json
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scripts.conftest import SCRIPTS, bash, free_port


def oci(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPTS / "lib/oci.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rootfs(path: Path, text: bytes = b"hello") -> Path:
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("etc/motd")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return path


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A docker-registry of this test's own."""
    port = free_port()
    folder = tmp_path / "registry"
    folder.mkdir()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: 127.0.0.1:{port}}}\n"
    )
    with subprocess.Popen(["docker-registry", "serve", str(config)], stderr=subprocess.DEVNULL) as process:
        done = bash("wait_until 20 registry_answers", "common", "process", "registry", CIB_PORT=str(port))
        assert done.returncode == 0, done.stderr
        yield f"127.0.0.1:{port}"
        process.kill()


def test_the_digest_depends_on_content_and_date_only(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    here, there = rootfs(tmp_path / "here/a.tar"), rootfs(tmp_path / "there/b.tar")
    first = oci("digest", "--epoch", 1, f"amd64={here}").stdout
    assert oci("digest", "--epoch", 1, f"amd64={there}").stdout == first
    assert oci("digest", "--epoch", 2, f"amd64={here}").stdout != first
    assert oci("digest", "--epoch", 1, f"arm64={here}").stdout != first
    rootfs(here, b"other")
    assert oci("digest", "--epoch", 1, f"amd64={here}").stdout != first


@pytest.mark.engine
def test_pushes_one_index_over_both_platforms(tmp_path: Path, registry: str) -> None:
    reference = f"{registry}/library/debian:12-slim"
    assert oci("present", reference, "linux/amd64").returncode == 1
    tars = [f"{name}={rootfs(tmp_path / f'{name}.tar', name.encode())}" for name in ("amd64", "arm64")]
    pushed = oci("push", reference, "--epoch", 1767225600, *tars)
    assert pushed.returncode == 0, pushed.stderr
    assert oci("present", reference, "linux/amd64", "linux/arm64").returncode == 0
    assert oci("present", reference, "linux/amd64", "linux/riscv64").returncode == 1
    url = f"http://{registry}/v2/library/debian/manifests"
    accept = {"Accept": "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/12-slim", headers=accept)) as answer:
        entries = json.load(answer)["manifests"]
    assert [entry["platform"]["architecture"] for entry in entries] == ["amd64", "arm64"]
    assert entries[1]["platform"]["variant"] == "v8"
    with urllib.request.urlopen(
        urllib.request.Request(f"{url}/{entries[0]['digest']}", headers=accept)
    ) as answer:
        manifest = json.load(answer)
    with urllib.request.urlopen(
        f"http://{registry}/v2/library/debian/blobs/{manifest['config']['digest']}"
    ) as answer:
        config = json.load(answer)
    assert config["created"] == "2026-01-01T00:00:00Z"
    assert config["config"]["Cmd"] == ["bash"]


def test_a_registry_that_is_down_is_an_error(tmp_path: Path) -> None:
    tar = rootfs(tmp_path / "a.tar")
    done = oci("push", f"127.0.0.1:{free_port()}/a:1", "--epoch", 1, f"amd64={tar}")
    assert done.returncode == 1


def test_a_closed_port_is_not_reachable() -> None:
    assert oci("reachable", f"http://127.0.0.1:{free_port()}/v2/").returncode == 1
