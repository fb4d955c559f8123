"""Planted faults in the matrix itself."""

from tests.matrix.rules.fault import Fault

AXES = 'axes: {cuda: ["13.0.3", "13.2.1"], os: ubuntu24.04}\n'

FAULTS = (
    Fault(
        "dead-exclude",
        f"""
{AXES}
exclude:
  - {{match: {{cuda: "13.0.*"}}, reason: x}}
  - {{match: {{cuda: "12.*"}}, reason: x}} # here
""",
        "this exclude matches no cell",
        ('"12.*"', '"13.2.*", platform: linux/arm64'),
    ),
    Fault(
        "dead-exclude",
        f"""
{AXES}
override:
  - {{match: {{os: ubuntu22.04}}, set: {{torch: "2.14.1"}}, reason: x}} # here
""",
        "this override matches no cell",
        ("22.04", "24.04"),
    ),
    Fault(
        "dead-silence",
        f"""
{AXES}
rules:
  - {{id: os-eol, severity: silent, reason: x}} # here
""",
        "`os-eol` finds nothing that this entry is for",
        ("os: ubuntu24.04", "os: ubuntu20.04"),
    ),
    Fault(
        "dead-silence",
        """
axes: {cuda: "12.6.3", os: ubuntu20.04}
rules:
  - {id: os-eol, match: {cuda: "13.*"}, severity: silent, reason: x} # here
""",
        "`os-eol` finds nothing that this entry is for",
        ("13.*", "12.*"),
    ),
    Fault(
        "dead-silence",
        """
axes: {cuda: "12.6.3", os: ubuntu20.04}
rules:
  - {id: os-oel, severity: silent, reason: x} # here
""",
        "there is no rule `os-oel` (did you mean `os-eol`?)",
        ("os-oel", "os-eol"),
    ),
    Fault(
        "dead-silence",
        f"""
{AXES}
tags: {{release: "{{os}}-{{epoch:%Y%m%d}}"}}
rules:
  - {{id: tag-collision, severity: note, reason: x}} # here
""",
        "`tag-collision` cannot be lowered",
        ("severity: note", "severity: error"),
    ),
    Fault(
        "empty-matrix",
        """
axes: {cuda: "13.2.1", os: ubuntu24.04} # here
exclude: [{match: {os: "*"}, reason: x}]
""",
        "the matrix has no cells; 2 were excluded",
        ('"*"', '"*", platform: linux/arm64'),
    ),
    Fault(
        "empty-matrix",
        """
smoke: {max-age: 30}
""",
        "the matrix has no cells",
        ("smoke:", "include: [{cuda: cpu, os: debian13}]\nsmoke:"),
    ),
    Fault(
        "exclude-without-reason",
        f"""
{AXES}
exclude:
  - {{match: {{cuda: "13.0.*"}}}} # here
""",
        "this exclude has no reason",
        ("}} #", "}, reason: x} #"),
    ),
    Fault(
        "exclude-without-reason",
        f"""
{AXES}
override:
  - {{match: {{cuda: "13.0.*"}}, set: {{torch: "2.14.1"}}, reason: " "}} # here
""",
        "this override has no reason",
        ('" "', "x"),
    ),
    Fault(
        "expired-exclude",
        f"""
{AXES}
exclude:
  - match: {{cuda: "13.0.*"}}
    reason: x
    until: 2026-11-21 # here
""",
        "this exclusion was to end on 2026-11-21",
        ("2026-11-21", "2026-11-22"),
    ),
    Fault(
        "expired-exclude",
        """
axes: {cuda: "12.6.3", os: ubuntu20.04}
rules:
  - id: os-eol
    severity: note
    reason: x
    until: 2026-01-01 # here
""",
        "this entry was to end on 2026-01-01",
        ("2026-01-01", "2027-01-01"),
    ),
    Fault(
        "platform-dropped",
        """
axes: {cuda: "13.2.1", os: ubuntu24.04}
include:
  - cuda: "13.0.3"
    os: ubuntu24.04
    platform: linux/amd64 # here
""",
        "13.0.3-base-ubuntu24.04-py3.12 is not built for linux/arm64, and nothing says why",
        ("    platform: linux/amd64 # here", "    platform: linux/amd64\n    reason: x"),
    ),
    Fault(
        "platforms-differ",
        """
axes: {cuda: "13.2.1", os: ubuntu24.04, torch: "2.14.1"}
override:
  - {match: {platform: linux/arm64}, set: {torch: "2.13.0"}, reason: x}
tags:
  release: "{cuda}-torch{torch}-{epoch:%Y%m%d}" # here
""",
        "names torch, which differs between the platforms of 13.2.1-base-ubuntu24.04-py3.12",
        ("2.13.0", "2.14.1"),
    ),
    Fault(
        "unknown-value",
        """
axes:
  cuda: "13.2.1"
  os:
    - ubuntu2404 # here
""",
        "there is no operating system `ubuntu2404`",
        ("ubuntu2404", "ubuntu24.04"),
    ),
    Fault(
        "unknown-value",
        """
axes: {cuda: "12.9.1", os: azl3} # here
""",
        "azl3 installs with tdnf, for which there is no template",
        ("azl3", "ubi9"),
    ),
    Fault(
        "unknown-value",
        """
include:
  - cuda: cpu
    os: debian13
    flavor: [base, devel] # here
""",
        "the source `cpu` has no flavor `devel`",
        (", devel", ""),
    ),
    Fault(
        "unknown-value",
        """
sources: {ngc-pytorch: {releases: {'25.09': {cuda: '13.0.1', torch: 2.9.0, python: '3.12'}}}}
include:
  - {cuda: "13.0.1", os: ubuntu24.04, flavor: runtime, source: ngc-pytorch} # here
""",
        "the source `ngc-pytorch` has no flavor `runtime`",
        ("flavor: runtime", "flavor: cudnn-devel"),
    ),
    Fault(
        "unknown-value",
        """
include:
  - {cuda: "13.0.3", os: debian13, source: cpu} # here
""",
        "the source `cpu` has no CUDA 13.0.3",
        ('"13.0.3"', "cpu"),
    ),
    Fault(
        "dead-exclude",
        f"""
{AXES}
smoke:
  policies:
    - {{match: {{flavor: devel}}, level: cpu, reason: x}} # here
""",
        "this policy matches no cell",
        ("devel", "base"),
    ),
    Fault(
        "unknown-value",
        """
axes:
  cuda: "13.2.1"
  os: ubuntu24.04
  platform: [linux/amd64, windows/amd64] # here
""",
        "no image is made for windows/amd64",
        ("windows/amd64", "linux/arm64"),
    ),
)
