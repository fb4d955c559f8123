"""Planted faults in tags and versions."""

from tests.matrix.rules.fault import Fault

AXES = 'axes: {cuda: ["13.0.3", "13.2.1"], os: ubuntu24.04}\n'

FAULTS = (
    Fault(
        "no-latest",
        """
axes:
  cuda: latest # here
  os: ubuntu24.04
""",
        "`cuda` is `latest`",
        ("latest", '"13.2.1"'),
    ),
    Fault(
        "no-latest",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{epoch:%Y%m%d}}"
  rolling:
    - "{{cuda}}"
    - latest-{{cuda}} # here
""",
        "a tag of 13.0.3-base-ubuntu24.04-py3.12 comes to `latest-13.0.3`",
        ("latest-{cuda}", "newest-{cuda}"),
    ),
    Fault(
        "floating-tag",
        """
axes:
  cuda: "13.0" # here
  os: ubuntu24.04
""",
        "`cuda: 13.0` names no one version",
        ('"13.0"', '"13.0.3"'),
    ),
    Fault(
        "floating-tag",
        """
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
  torch: "2.14" # here
""",
        "`torch: 2.14` names no one version",
        ("2.14", "2.14.1"),
    ),
    Fault(
        "floating-tag",
        """
axes:
  cuda: "13.0.3"
  os: ubuntu24.04
  python: "3" # here
""",
        "`python: 3` names no one version",
        ('"3"', '"3.12"'),
    ),
    Fault(
        "floating-tag",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, torch: nightly} # here
""",
        "`torch: nightly` names no one version",
        ("nightly", '"2.14.1"'),
    ),
    Fault(
        "tag-collision",
        f"""
{AXES}
tags:
  release: "{{flavor}}-{{os}}-{{epoch:%Y%m%d}}" # here
""",
        "would both be tagged `base-ubuntu24.04-20261120`",
        ("{flavor}", "{cuda}"),
    ),
    Fault(
        "tag-collision",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{epoch:%Y%m%d}}"
  rolling: "{{cuda}}-20261120" # here
""",
        "as release and as rolling tag, would both be tagged `13.0.3-20261120`",
        ("-20261120", "-new"),
    ),
    Fault(
        "tag-collision",
        f"""
{AXES}
include:
  - {{cuda: "13.2.1", os: ubuntu24.04, platform: linux/arm64}} # here
""",
        "is asked for twice",
        ('13.2.1", os: ubuntu24.04, platform', '12.8.1", os: ubuntu24.04, platform'),
    ),
    Fault(
        "tag-collision",
        """
axes: {cuda: "13.0.3", os: ubuntu24.04, torch: ["2.14.1", "2.14.0"]} # here
override:
  - {match: {torch: "2.14.*"}, set: {torch: "2.13.0"}, reason: x}
""",
        "2 targets are called 13_0_3-base-ubuntu24_04-py3_12-torch2_13_0",
        ('"2.14.*"', '"2.14.0"'),
    ),
    Fault(
        "tag-invalid",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{epoch:%Y%m%d}}"
  rolling: "{{cuda}}-{{flavour}}" # here
""",
        "there is no field {flavour}",
        ("flavour", "flavor"),
    ),
    Fault(
        "tag-invalid",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{epoch:%Y%m%d}}-{"x" * 128}" # here
""",
        "is no tag (144 characters)",
        ("x" * 128, "x" * 100),
    ),
    Fault(
        "tag-invalid",
        f"""
{AXES}
tags:
  release: "{{cuda}}/{{flavor}}-{{epoch:%Y%m%d}}" # here
""",
        "`13.0.3/base-20261120` is no tag",
        ("}/{", "}-{"),
    ),
    Fault(
        "tag-mutable-template",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{flavor}}-{{os}}" # here
""",
        "two days give the same release tag by `{cuda}-{flavor}-{os}`",
        ("{os}", "{os}-{epoch:%Y%m%d}"),
    ),
    Fault(
        "tag-mutable-template",
        f"""
{AXES}
tags:
  release: "{{cuda}}-{{epoch:%d}}" # here
""",
        "two days give the same release tag",
        ("%d", "%Y.%j"),
    ),
)
