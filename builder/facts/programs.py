"""The oldest programs that this work can be done with."""

# `buildx bake` with `--metadata-file` and `attest` in the bake file.
BUILDX = "0.13"
# The first engine with the containerd store for builds and CDI devices; both are on by default later.
ENGINE = "25"
# Before it a container could get out through the toolkit's hook (CVE-2025-23266).
CONTAINER_TOOLKIT = "1.17.8"
