"""Assemble a multi-platform image from root file systems and push it to a registry on the loopback.

Used before anything else of the project runs: standard library only, plain HTTP only.
"""

import argparse
import gzip
import hashlib
import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
SEARCH_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHUNK = 1 << 20
COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Blob:
    """Content with its descriptor; large content stays in a file."""

    media_type: str
    digest: str
    size: int
    content: bytes | Path

    @property
    def descriptor(self) -> dict[str, object]:
        """The OCI descriptor."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True, slots=True)
class PlatformImage:
    """One platform's manifest and what it refers to."""

    platform: dict[str, str]
    manifest: Blob
    blobs: tuple[Blob, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A tag in a registry on the loopback, from ``127.0.0.1:5000/library/debian:12-slim``."""

    host: str
    repository: str
    tag: str

    @classmethod
    def parse(cls, reference: str) -> "Target":
        """Raise ValueError unless the reference has a host, a repository and a tag."""
        host, _, rest = reference.partition("/")
        repository, _, tag = rest.rpartition(":")
        if not (host and repository and tag):
            raise ValueError(f"not HOST/REPOSITORY:TAG: {reference}")
        return cls(host, repository, tag)


def json_blob(media_type: str, value: object) -> Blob:
    """Serialise canonically, so that equal values have equal digests."""
    content = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return Blob(media_type, f"sha256:{hashlib.sha256(content).hexdigest()}", len(content), content)


def chunks(path: Path) -> Iterator[bytes]:
    """Read a file piecewise."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def file_digest(path: Path) -> str:
    """The sha256 digest of a file."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def compress(tar: Path) -> Blob:
    """Write ``<tar>.gz`` beside the archive, without a name or a time in its header."""
    packed = tar.with_name(tar.name + ".gz")
    with (
        packed.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=raw, mtime=0) as out,
    ):
        for chunk in chunks(tar):
            out.write(chunk)
    return Blob(LAYER, file_digest(packed), packed.stat().st_size, packed)


def image(architecture: str, tar: Path, epoch: int) -> PlatformImage:
    """One layer, dated ``epoch`` (Unix seconds), that starts a shell."""
    platform = {"architecture": architecture, "os": "linux"}
    if architecture == "arm64":
        platform["variant"] = "v8"
    created = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    layer = compress(tar)
    config = json_blob(
        CONFIG,
        {
            **platform,
            "created": created,
            "config": {"Cmd": ["bash"], "Env": [SEARCH_PATH]},
            "rootfs": {"type": "layers", "diff_ids": [file_digest(tar)]},
            "history": [{"created": created, "created_by": "mmdebstrap --variant=minbase"}],
        },
    )
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.descriptor,
        "layers": [layer.descriptor],
    }
    return PlatformImage(platform, json_blob(MANIFEST, document), (layer, config))


def index(images: list[PlatformImage]) -> Blob:
    """One index over all platforms, in their given order."""
    entries = [{**image.manifest.descriptor, "platform": image.platform} for image in images]
    return json_blob(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry said."""

    status: int
    location: str
    body: bytes


def send(host: str, method: str, url: str, headers: dict[str, str], body: bytes | Path = b"") -> Answer:
    """One request over plain HTTP."""
    with closing(http.client.HTTPConnection(host, timeout=120)) as connection:
        if isinstance(body, Path):
            length = {"Content-Length": str(body.stat().st_size)}
            connection.request(method, url, chunks(body), headers | length)
        else:
            connection.request(method, url, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("Location", ""), response.read())


def push_blob(target: Target, blob: Blob) -> None:
    """Upload a blob unless the repository has it."""
    base = f"/v2/{target.repository}/blobs"
    if send(target.host, "HEAD", f"{base}/{blob.digest}", {}).status == http.HTTPStatus.OK:
        return
    address = urlsplit(send(target.host, "POST", f"{base}/uploads/", {}).location)
    query = f"{address.query}&" if address.query else ""
    url = f"{address.path}?{query}digest={blob.digest}"
    kind = {"Content-Type": "application/octet-stream"}
    expect_created(send(target.host, "PUT", url, kind, blob.content), blob.digest)


def push_manifest(target: Target, manifest: Blob, reference: str) -> None:
    """Store a manifest or an index under a digest or a tag."""
    url = f"/v2/{target.repository}/manifests/{reference}"
    kind = {"Content-Type": manifest.media_type}
    expect_created(send(target.host, "PUT", url, kind, manifest.content), reference)


def expect_created(answer: Answer, what: str) -> None:
    """Exit with a message unless the registry took it."""
    if answer.status != http.HTTPStatus.CREATED:
        sys.exit(f"oci: the registry answered {answer.status} to the upload of {what}")


def push(target: Target, images: list[PlatformImage]) -> Blob:
    """Blobs, then manifests, then the index under the tag: whoever sees the tag finds all of it."""
    for built in images:
        for blob in built.blobs:
            push_blob(target, blob)
        push_manifest(target, built.manifest, built.manifest.digest)
    whole = index(images)
    push_manifest(target, whole, target.tag)
    return whole


def platforms(target: Target) -> set[str]:
    """What the tag lists, as ``linux/arm64``; empty when there is no such tag or it is no index."""
    url = f"/v2/{target.repository}/manifests/{target.tag}"
    answer = send(target.host, "GET", url, {"Accept": f"{INDEX}, {DOCKER_LIST}"})
    if answer.status != http.HTTPStatus.OK:
        return set()
    document = json.loads(answer.body)
    found = (entry.get("platform", {}) for entry in document.get("manifests", []))
    return {f"{platform.get('os')}/{platform.get('architecture')}" for platform in found}


def reachable(url: str) -> bool:
    """Does anything answer there, with whatever status?"""
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310 - the caller's own constant
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="oci", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("push", "push one index"), ("digest", "print the digests that push would make")):
        command = commands.add_parser(name, help=text)
        if name == "push":
            command.add_argument("reference", type=Target.parse)
        command.add_argument("--epoch", type=int, required=True, help="Unix seconds, the images' date")
        command.add_argument("rootfs", nargs="+", help="ARCHITECTURE=TAR")
    present = commands.add_parser("present", help="exit 0 if the tag lists all these platforms")
    present.add_argument("reference", type=Target.parse)
    present.add_argument("platform", nargs="+")
    commands.add_parser("reachable", help="exit 0 if anything answers there").add_argument("url")
    return parser.parse_args()


def main() -> int:
    """Run one command."""
    arguments = parse_arguments()
    match arguments.command:
        case "present":
            return 0 if set(arguments.platform) <= platforms(arguments.reference) else 1
        case "reachable":
            return 0 if reachable(arguments.url) else 1
    pairs = (rootfs.split("=", 1) for rootfs in arguments.rootfs)
    images = [image(architecture, Path(tar), arguments.epoch) for architecture, tar in pairs]
    for built in images:
        print(f"linux/{built.platform['architecture']} {built.manifest.digest}")
    whole = push(arguments.reference, images) if arguments.command == "push" else index(images)
    print(f"index {whole.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
