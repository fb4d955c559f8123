"""Provenance and packages of an image are referrers of its manifest."""

import json
import os
from pathlib import Path

import pytest

from builder.engine.packages import PREDICATE_TYPE, packages
from builder.model.digest import Digest
from builder.model.errors import BuilderError, ExitCode
from builder.model.outcome import Built, Failed, Reused
from builder.model.platform import Platform
from builder.model.reference import Reference
from builder.pipeline.bake import Options
from builder.registry import Registry
from builder.release.signing.bundle import KIND, STATEMENT
from builder.release.statements.provenance import build_seconds
from tests.pipeline.conftest import Family
from tests.pipeline.heard import Heard
from tests.pipeline.runs import run
from tests.pipeline.tiny import tiny
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

PROVENANCE = "https://slsa.dev/provenance/v0.2"
AMD64 = Platform.parse("linux/amd64")
BUILD_ONLY = Options(smoke=False)


def family(folder: Path, server: RegistryServer, **build: str) -> Family:
    """One tiny target for amd64 with these settings of `build:`."""
    file = tiny(folder, server.host, platforms=["linux/amd64"])
    data = json.loads(file.read_text())
    file.write_text(json.dumps({**data, "build": build}))
    return Family(file, server)


def staged(made: Family) -> Digest:
    (result,) = run(made, options=BUILD_ONLY).results
    assert isinstance(result.build, Built), result.build
    return result.build.digest


def statements(made: Family, digest: Digest) -> dict[str, dict[str, object]]:
    repository = made.server.repository("acme/staging")
    with Registry() as registry:
        found = {}
        for listed in registry.referrers(repository, digest, STATEMENT):
            artifact = registry.manifest(repository.at(listed.digest))
            found[artifact.annotations[KIND]] = json.loads(registry.blob(repository, artifact.layers[0]))
        return found


def test_statements_are_about_the_staged_manifest(tmp_path: Path, server: RegistryServer) -> None:
    made = family(tmp_path, server, sbom="syft")
    digest = staged(made)
    found = statements(made, digest)
    assert set(found) == {PROVENANCE, PREDICATE_TYPE}
    for statement in found.values():
        assert [about["digest"] for about in statement["subject"]] == [{"sha256": digest.hex}]  # type: ignore[attr-defined]
    assert build_seconds(json.dumps(found[PROVENANCE]).encode())
    text = json.dumps(found[PREDICATE_TYPE])
    assert "pkg:deb/debian/bash@" in text
    assert found[PREDICATE_TYPE]["predicate"]["spdxVersion"] == "SPDX-2.3"  # type: ignore[index]
    again = run(made, options=BUILD_ONLY)
    assert [result.build for result in again.results] == [Reused(digest)]
    assert again.requests.total == 1


def test_the_image_is_the_same_without_them(tmp_path: Path, start_registry) -> None:  # type: ignore[no-untyped-def]
    told = staged(family(tmp_path / "told", start_registry(), sbom="none", provenance="max"))
    untold = staged(family(tmp_path / "untold", start_registry(), sbom="none", provenance="none"))
    assert told == untold


def test_an_image_without_its_packages_is_not_finished(
    tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = family(tmp_path, server, sbom="syft")
    with monkeypatch.context() as broken:
        syft = tmp_path / "bin/syft"
        syft.parent.mkdir()
        syft.write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
        syft.chmod(0o755)
        broken.setenv("PATH", f"{syft.parent}:/usr/local/bin:/usr/bin:/bin")
        (result,) = run(made, options=BUILD_ONLY).results
        assert isinstance(result.build, Failed)
        assert "no room" in result.build.log[0]
    with Registry() as registry:
        pushed = registry.manifest(result.step.build.image).platforms()[AMD64].digest
    (after,) = run(made, options=BUILD_ONLY).results
    assert after.build == Reused(pushed), "what lacked its list alone was built again"
    assert PREDICATE_TYPE in statements(made, pushed)


def test_without_syft_nothing_is_built(
    tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, heard = family(tmp_path, server, sbom="syft"), Heard()
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    places = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join(it for it in places if not Path(it, "syft").exists()))
    with pytest.raises(BuilderError, match="there is no Syft") as refused:
        run(made, heard=heard, options=BUILD_ONLY)
    assert refused.value.code is ExitCode.TOOL_MISSING
    assert heard == Heard()


def test_packages_of_what_is_not_there() -> None:
    image = Reference.parse("127.0.0.1:1/a/b:c")
    with pytest.raises(BuilderError, match="Syft cannot list its packages") as refused:
        packages(image, AMD64)
    assert refused.value.code is ExitCode.BUILD_FAILED
