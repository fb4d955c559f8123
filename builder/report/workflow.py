"""GitHub's workflow commands: lines of a job's log that its runner acts upon."""

_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def workflow_command(name: str, message: str = "", **properties: object) -> str:
    """`::error file=matrix.yaml,line=3::message`, escaped as GitHub asks for."""
    given = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items())
    return f"::{name}{f' {given}' if given else ''}::{_escaped(message, _DATA)}"


def _escaped(text: str, marks: tuple[tuple[str, str], ...]) -> str:
    for plain, escaped in marks:
        text = text.replace(plain, escaped)
    return text
