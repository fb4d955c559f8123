"""The patterns of `.dockerignore`, by the examples of Docker's documentation."""

import pytest

from builder.bake.ignore import Ignored


@pytest.mark.parametrize(
    ("text", "out", "kept"),
    [
        ("*/temp*", ["somedir/temporary.txt", "somedir/temp"], ["temp", "a/b/temp"]),
        ("*/*/temp*", ["somedir/subdir/temporary.txt"], ["somedir/temporary.txt"]),
        ("temp?", ["tempa", "tempb"], ["temp", "tempab", "a/tempa"]),
        ("**/*.go", ["a.go", "x/y/b.go"], ["a.gone"]),
        ("*.md\n!README.md", ["CHANGES.md"], ["README.md", "docs/a.md"]),
        ("*.md\n!README*.md\nREADME-secret.md", ["README-secret.md", "a.md"], ["README-a.md"]),
        ("node_modules", ["node_modules/a/b.js"], ["src/node_modules.ts"]),
        ("/build/", ["build/x"], ["src/build/x"]),
        ("# note\n\n  .git  ", [".git/HEAD"], ["# note", ".gitignore"]),
        ("*\n!src\n!*.toml", ["README.md"], ["src/a/b.py", "pyproject.toml"]),
        ("**/__pycache__", ["__pycache__/a", "a/__pycache__/b"], ["pycache"]),
        ("[ab].txt", ["a.txt"], ["c.txt"]),
        (r"\*.txt", ["*.txt"], ["a.txt"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
    ],
)
def test_what_is_left_out(text: str, out: list[str], kept: list[str]) -> None:
    ignored = Ignored.parse(text)
    assert [path for path in out if not ignored(path)] == []
    assert [path for path in kept if ignored(path)] == []
