"""Build arguments, which an image's history and provenance show to whoever pulls it."""

import re
from collections.abc import Mapping

from builder.model.errors import BuilderError, ExitCode
from builder.model.location import Location

_NAMES = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING)_?KEY)(?:$|_)",
    re.IGNORECASE,
)
# A password in a URL, a private key, and how tokens of GitHub, GitLab, Hugging Face, NVIDIA, AWS, Slack and
# OpenID begin.
_VALUES = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:gh[oprsu]_|github_pat_|glpat-|hf_|nvapi-)\w|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-|\beyJ[\w-]+\.eyJ"
)
_FIX = """Arguments are published with the image's provenance: leave passwords of proxies to a proxy of this \
machine, and name package indexes in PIP_INDEX_URL or UV_DEFAULT_INDEX, which become secrets."""


def refuse_secrets(arguments: Mapping[str, str], where: Location | None) -> None:
    """Make sure that no argument looks like a secret.

    Raises:
        BuilderError: (2) for one whose name or value does; the value is not repeated.
    """
    for name, value in arguments.items():
        if value and (_NAMES.search(name) or _VALUES.search(value)):
            raise BuilderError(
                ExitCode.MATRIX,
                f"the build argument {name} looks like a secret",
                where=where,
                fix=_FIX,
            )
