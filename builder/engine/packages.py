"""Asks Syft which packages an image holds."""

import json
import os
import shutil
import sysconfig
from typing import Any

from builder.engine.processes import run
from builder.model.errors import BuilderError, ExitCode
from builder.model.platform import Platform
from builder.model.reference import Reference

PREDICATE_TYPE = "https://spdx.dev/Document"
# What package managers and wheels say of themselves, without guesses from the names of files.
_CATALOGERS = "dpkg-db-cataloger,rpm-db-cataloger,python-installed-package-cataloger"
_QUIET = {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
_FILE = "SPDXRef-File-"
# It reads all layers from the registry.
_SECONDS = 3600


def packages(image: Reference, platform: Platform) -> dict[str, Any]:
    """The packages of an image in a registry, as an SPDX 2.3 document. Files are left out: layers tell them.

    Raises:
        BuilderError: (10) without Syft, (11) when it cannot read the image.
    """
    command = [program(), "scan", "--quiet", f"--platform={platform}"]
    command += [f"--override-default-catalogers={_CATALOGERS}", "--output=spdx-json", f"registry:{image}"]
    done = run(command, seconds=_SECONDS, environment=os.environ | _QUIET)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BuilderError(
            ExitCode.BUILD_FAILED,
            f"Syft cannot list its packages: {said[-1] if said else 'it says nothing'}",
            where=str(image),
            fix="Let Syft reach the registry, or choose another `build.sbom` in the matrix.",
        )
    return _without_files(json.loads(done.stdout))


def program() -> str:
    """The user's own Syft, else the one that was installed with us.

    Raises:
        BuilderError: (10) when there is none.
    """
    found = shutil.which("syft") or shutil.which("syft", path=sysconfig.get_path("scripts"))
    if found is None:
        fix = "Install Syft, or choose another `build.sbom` in the matrix."
        raise BuilderError(ExitCode.TOOL_MISSING, "there is no Syft", fix=fix)
    return found


def _without_files(document: dict[str, Any]) -> dict[str, Any]:
    packages = [
        {name: value for name, value in package.items() if name != "packageVerificationCode"}
        | {"filesAnalyzed": False}
        for package in document.get("packages", ())
    ]
    relationships = [
        relation
        for relation in document.get("relationships", ())
        if not relation["spdxElementId"].startswith(_FILE)
        and not relation["relatedSpdxElement"].startswith(_FILE)
    ]
    kept = {name: value for name, value in document.items() if name != "files"}
    return kept | {"packages": packages, "relationships": relationships}
