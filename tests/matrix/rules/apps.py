"""Planted faults in apps."""

from tests.matrix.rules.fault import Fault

_FAMILY = 'axes: {cuda: ["13.0.3", "13.2.1"], os: ubuntu24.04, flavor: [base, devel]}\n'
_TAGS = 'tags: {{release: "{name}-{{cuda}}-{{epoch:%Y%m%d}}"}}'


def _app(more: str = "", *, name: str = "hello", tags: str = "", mark: str = "") -> str:
    told = tags or _TAGS.format(name=name)
    return f"""
{_FAMILY}
apps:
  {name}:{mark}
    context: apps/hello
    test: [/hello]
    {told}
{more}
"""


FAULTS = (
    Fault(
        "app-file-missing",
        _app().replace("context: apps/hello", "context: apps/hello # here"),
        "the app hello: apps/hello: nobody read it",
        ("  hello:", "  world:"),
        dockerfiles={"world": "FROM base"},
    ),
    Fault(
        "app-file-missing",
        _app(),
        "the app hello has a Dockerfile that cannot be read: it has no FROM",
        ("  hello:", "  world:"),
        dockerfiles={"hello": "# nothing yet", "world": "FROM base"},
    ),
    Fault(
        "app-file-missing",
        _app(),
        "line 2: nobody can tell which image `FROM $FLAVOR` is",
        ("    test:", "    args: {FLAVOR: base}\n    test:"),
        dockerfiles={"hello": "ARG FLAVOR\nFROM $FLAVOR"},
    ),
    Fault(
        "app-context-unknown",
        _app(),
        "the app hello is built from `devl`, which is no flavor (did you mean `devel`?)",
        ("  hello:", "  world:"),
        dockerfiles={"hello": "FROM devl AS build\nFROM base", "world": "FROM devel AS build\nFROM base"},
    ),
    Fault(
        "app-context-unknown",
        _app(),
        "the app hello is built from `golang:1.25`, which is no flavor",
        ("  hello:", "  world:"),
        dockerfiles={
            "hello": "FROM base\nCOPY --from=golang:1.25 /go /go",
            "world": f"FROM base\nCOPY --from=golang:1.25@sha256:{'0' * 64} /go /go",
        },
    ),
    Fault(
        "app-context-unknown",
        _app(),
        "the app hello is built from `scratch`, which is no flavor",
        ("  hello:", "  world:"),
        dockerfiles={"hello": "FROM devel AS build\nFROM scratch", "world": "FROM scratch AS a\nFROM base"},
    ),
    Fault(
        "app-context-unknown",
        _app(mark=" # here").replace("context:", "match: {cuda: '*'}\n    context:"),
        "the app hello is built from `runtime`, which is not there beside every image",
        ("flavor: [base, devel]", "flavor: [base, devel, runtime]"),
        dockerfiles={"hello": "FROM devel AS build\nFROM runtime"},
    ),
    Fault(
        "app-context-unknown",
        _app("include: [{cuda: cpu, os: debian13}]", mark=" # here"),
        "the app hello is built from `devel`, which is not there beside every image",
        ("    context:", '    match: {cuda: "13.*"}\n    context:'),
        dockerfiles={"hello": "FROM devel AS build\nFROM base"},
    ),
    Fault(
        "dead-exclude",
        _app().replace("    context:", '    match: {cuda: "12.*"} # here\n    context:'),
        "the app hello is built nowhere",
        ('"12.*"', '"13.2.*"'),
        dockerfiles={"hello": "FROM base"},
    ),
    Fault(
        "tag-collision",
        _app(tags='tags: {release: "{cuda}-base-{os}-{epoch:%Y%m%d}"} # here'),
        "13.0.3-base-ubuntu24.04-py3.12 and hello-13.0.3-ubuntu24.04-py3.12 would both be tagged",
        ('release: "{cuda}-base-{os}', 'release: "{app}-{cuda}-base-{os}'),
        dockerfiles={"hello": "FROM base"},
    ),
    Fault(
        "tag-mutable-template",
        _app(tags='tags: {release: "hello-{cuda}"} # here'),
        "two days give the same release tag by `hello-{cuda}`",
        ('"hello-{cuda}"', '"hello-{cuda}-{epoch:%Y%m%d}"'),
        dockerfiles={"hello": "FROM base"},
    ),
    Fault(
        "tag-invalid",
        _app(tags='tags: {release: "hello-{flavour}-{epoch:%Y%m%d}"} # here'),
        "there is no field {flavour}",
        ("{flavour}", "{cuda}"),
        dockerfiles={"hello": "FROM base"},
    ),
    Fault(
        "no-latest",
        _app(tags='tags: {release: "latest-{cuda}-{epoch:%Y%m%d}"} # here'),
        "comes to `latest-13.0.3-20261120`",
        ("latest-", "newest-"),
        dockerfiles={"hello": "FROM base"},
    ),
)
