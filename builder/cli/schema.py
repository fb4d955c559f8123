"""The command `schema`."""

import json

import typer

from builder.model.errors import ExitCode


def command() -> int:
    """Print the JSON Schema of matrix.yaml, for editors."""
    from builder.matrix.jsonschema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
    return ExitCode.DONE


command.__name__ = "schema"
