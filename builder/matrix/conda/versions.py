"""What a version constraint of conda's admits."""

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

_TERM = re.compile(r"(?P<operator>==|>=|<=|!=|~=|=|>|<|)\s*(?P<version>[0-9][0-9.]*)(?P<star>\.?\*)?")


def admits(constraint: str, version: str) -> bool:
    """Whether a constraint as `=12.6`, `>=12,<13` or `11.8.*|12.*` leaves a version in, written as `12.6`.

    A build after the constraint does not count. What cannot be understood admits everything: the solver
    knows better.
    """
    words = re.sub(r"([=<>!~,|])\s+", r"\1", constraint).split()
    bare = words[0] if words else ""
    # `=2.1=py312*` is a version and a build.
    bare = re.sub(r"(?<=[0-9*])=[^,|]*$", "", bare)
    return not bare or bare == "*" or any(_all(part, version) for part in bare.split("|"))


def _all(terms: str, version: str) -> bool:
    return all(_one(term, version) for term in terms.split(","))


def _one(term: str, version: str) -> bool:
    found = _TERM.fullmatch(term)
    if not found:
        return True
    operator, wanted = found["operator"], found["version"].rstrip(".")
    if operator in ("", "=", "==") or found["star"]:
        # A version that is named is one of those that begin alike: 3.11.2 is a 3.11.
        same = f"{wanted}.".startswith(f"{version}.") or f"{version}.".startswith(f"{wanted}.")
        return same is not (operator == "!=")
    try:
        return SpecifierSet(f"{operator}{wanted}").contains(version, prereleases=True)
    except InvalidSpecifier:
        return True
