"""The command `verify`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from builder.cli.options import Format, FormatOption

if TYPE_CHECKING:
    from builder.model.reference import Reference
    from builder.pipeline.verify import Verified
    from builder.release.audit import Result
    from builder.release.signing.sign import Verifier


def command(
    reference: Annotated[str, typer.Argument(metavar="REF", help="repository:tag, or repository@digest.")],
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="The publisher's public key: a file or a KMS URI.")
    ] = None,
    identity: Annotated[
        str | None, typer.Option(help="Who signed without a key: an address, or a workflow's URL.")
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="Who vouches for the identity: its OIDC issuer.")] = None,
    policy: Annotated[Path | None, typer.Option(help="What more to ask for, as YAML.")] = None,
    output: FormatOption = Format.TEXT,
) -> int:
    """Check a published image from the registry alone; 40 when anything is wrong, missing or not checked."""
    from builder.pipeline.verify import read_policy, verify
    from builder.registry.client import Registry
    from builder.release.audit import Policy

    asked = read_policy(policy) if policy else Policy()
    whose = _verifier(key, identity, issuer)
    with Registry() as registry:
        found = verify(registry, _parsed(reference), asked, whose, datetime.now(UTC))
    typer.echo(json.dumps(_data(found), indent=2) if output is Format.JSON else _text(found))
    return found.code


def _verifier(key: str | None, identity: str | None, issuer: str | None) -> "Verifier | None":
    from builder.release.signing.sign import Verifier

    if bool(identity) != bool(issuer):
        raise typer.BadParameter("--identity and --issuer go together")
    if key and identity:
        raise typer.BadParameter("--key and --identity are two signers; give one of them")
    return Verifier(key or "", identity or "", issuer or "") if key or identity else None


def _parsed(text: str) -> "Reference":
    from builder.model.reference import Reference

    try:
        return Reference.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _text(found: "Verified") -> str:
    from builder.report.table import table

    rows = [(result.check, _outcome(result), result.proves) for result in found.results]
    lines = [f"{found.reference} is {found.digest}", table(("check", "result", "what it proves"), rows)]
    lines += [f"{result.check}: {text}" for result in found.results for text in _reasons(result)]
    return "\n".join(lines)


def _outcome(result: "Result") -> str:
    if result.wrong:
        return "failed"
    return "not checked" if result.skipped else "passed"


def _reasons(result: "Result") -> tuple[str, ...]:
    return result.wrong or tuple(filter(None, (result.skipped,)))


def _data(found: "Verified") -> dict[str, Any]:
    return {
        "reference": str(found.reference),
        "digest": str(found.digest),
        "passed": all(result.passed for result in found.results),
        "checks": [
            {
                "check": result.check,
                "proves": result.proves,
                "result": _outcome(result),
                "reasons": list(_reasons(result)),
            }
            for result in found.results
        ],
    }


command.__name__ = "verify"
