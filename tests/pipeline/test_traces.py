"""What builds leave in images: no secret of the site anywhere, and nothing that differs from run to run."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builder.engine.channels import ALIAS
from builder.engine.packages import PREDICATE_TYPE
from builder.engine.pythons import MIRROR
from builder.matrix import lock as locks
from builder.model.outcome import Built, Reused
from builder.model.reference import Reference
from builder.pipeline.bake import Options
from builder.pipeline.inputs.project import lock_path
from builder.registry import Registry
from tests.pipeline.conftest import SEEDED, Family, shared_server
from tests.pipeline.layers import own_files, pushed
from tests.pipeline.made import locked_family
from tests.pipeline.runs import run
from tests.servers.files import file_server
from tests.servers.registry import RegistryServer

__all__ = ["shared_server"]
pytestmark = pytest.mark.engine

# The index is in the settings of both pip and uv.
CANARIES = {name: f"canary-of-{name}" for name in ("ca", "index", "conda", "pythons")}
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
CONTEXT = Path(__file__).parents[2] / "dockerfiles/context"
BUILD_ONLY = Options(smoke=False)
AMD64 = {"platform": ["linux/amd64"]}

# What differs from build to build, or is of no use in an image; empty files are as good as none.
LITTER = re.compile(
    r"(var/log|var/lib/apt/lists|var/cache/(apt|dnf|yum|libdnf5)|var/lib/(dnf|rpm)/.*\.lock|tmp|run)/.*"
    r"|etc/machine-id|var/lib/dbus/machine-id|var/cache/ldconfig/aux-cache|var/cache/debconf/.*-old"
    r"|(root|home/[^/]+)/(\.cache/.*|\.\w+_history|\.wget-hsts)"
)
PLANTED = (
    "var/log/dpkg.log",
    "etc/machine-id",
    "var/lib/dbus/machine-id",
    "var/lib/apt/lists/a_Packages",
    "var/cache/apt/pkgcache.bin",
    "var/cache/dnf/a.solv",
    "root/.cache/pip/http/a",
    "home/cuda/.cache/uv/a",
    "var/cache/ldconfig/aux-cache",
    "root/.bash_history",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, shared_server: RegistryServer) -> None:
    """A base that no builder has seen: a step that it remembers would not look at the secrets."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "Dockerfile").write_text(f"FROM {SEEDED}/library/debian:12-slim\nCOPY salt /etc/salt\n")
    (folder / "salt").write_text(uuid.uuid4().hex)
    command = ["docker", "buildx", "build", "--quiet", "--platform=linux/amd64", "--provenance=true"]
    pushing = f"--output=type=image,push=true,name={shared_server.host}/library/debian:12-slim"
    subprocess.run([*command, pushing, str(folder)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def family(
    base: None, shared_server: RegistryServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Family]:
    """One image for the CPU on a site that names a place, or a password, for all that builds fetch."""
    root, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("family")
    authorities = root / "ca.pem"
    authorities.write_text(f"{AUTHORITIES.read_text()}\n# {CANARIES['ca']}\n")
    mirror = f"{shared_server.host}/library"
    with file_server(root) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        patch.setenv(ALIAS, f"{address}/{CANARIES['conda']}")
        patch.setenv(MIRROR, f"{address}/{CANARIES['pythons']}")
        made = locked_family(
            folder,
            shared_server,
            {},
            sources={"cpu": {"repository": "docker.io/library", "mirrors": [mirror]}},
            axes=AMD64,
            build={"compression": "zstd", "sbom": "syft"},
        )
        fill_index(made, root / CANARIES["index"])
        patch.setenv("SSL_CERT_FILE", str(authorities))
        patch.setenv("CIB_NETWORK", "host")
        patch.setenv("UV_DEFAULT_INDEX", f"{address}/{CANARIES['index']}")
        yield made


def fill_index(family: Family, folder: Path) -> None:
    """Have a package index of the wheels that these builds install."""
    lock = locks.parse(lock_path(family.file).read_bytes(), "")
    locked = {f"{wheel.name}=={wheel.version}" for wheels in lock.wheels.values() for wheel in wheels}
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    for wanted in (["-r", CONTEXT / "uv.txt"], sorted(locked)):
        subprocess.run([*command, "-d", folder, *wanted], check=True)
    for wheel in folder.glob("*.whl"):
        project = folder / wheel.name.split("-")[0].replace("_", "-").lower()
        project.mkdir(exist_ok=True)
        wheel.rename(project / wheel.name)


@pytest.fixture(scope="module")
def image(family: Family) -> Reference:
    return built(family)


@pytest.fixture(scope="module")
def planted(family: Family, image: Reference) -> Callable[..., Reference]:
    """Builds an app over the image, with what its step leaves."""

    def plant(name: str, step: str) -> Reference:
        folder = family.file.parent / name
        folder.mkdir()
        (folder / "Dockerfile").write_text(f"FROM base\nUSER root\n{step}\n")
        matrix = json.loads(family.file.read_text())
        app = {"context": name, "test": ["true"]}
        matrix["apps"] = {name: {**app, "tags": {"release": "{app}-{epoch:%Y%m%d}"}}}
        family.file.write_text(json.dumps(matrix))
        return built(family)

    return plant


def built(family: Family) -> Reference:
    """Build the one image that is missing."""
    outcomes = [result.build for result in run(family, options=BUILD_ONLY).results]
    (new,) = (outcome for outcome in outcomes if not isinstance(outcome, Reused))
    assert isinstance(new, Built), new
    return family.server.repository("acme/staging").at(new.digest)


def leaks(server: RegistryServer) -> set[str]:
    """The secrets that are in the registry: in layers, settings, provenance or lists of packages."""
    contents = [content for _, content in pushed(server)]
    for told in (PREDICATE_TYPE, "https://slsa.dev/provenance/"):
        assert any(told.encode() in content for content in contents), f"there is no {told}"
    return {name for name, canary in CANARIES.items() if any(canary.encode() in one for one in contents)}


def litter(image: Reference, below: Reference) -> set[str]:
    """What an image should not hold beyond what it is built over."""
    with Registry() as registry:
        files = list(own_files(registry, image, below))
    assert files
    return {name for name, size in files if size and LITTER.fullmatch(name)}


def test_no_secret_is_in_what_was_pushed(
    image: Reference, planted: Callable[..., Reference], shared_server: RegistryServer
) -> None:
    assert leaks(shared_server) == set()
    mounts = " ".join(f"--mount=type=secret,id={name}" for name in ("ca", "pip", "uv", "conda", "pythons"))
    planted("thief", f"RUN {mounts} cp -r /run/secrets /x")
    assert leaks(shared_server) == CANARIES.keys()


def test_nothing_is_left_that_differs_from_run_to_run(
    image: Reference, planted: Callable[..., Reference], shared_server: RegistryServer
) -> None:
    base = shared_server.repository("library/debian").tag("12-slim")
    with Registry() as registry:
        (platform,) = registry.platforms(base).values()
    assert litter(image, base.repository.at(platform.digest)) == set()
    script = " && ".join(f"mkdir -p /$(dirname {name}) && echo x > /{name}" for name in PLANTED)
    assert litter(planted("messy", f"RUN {script}"), image) == {*PLANTED}
