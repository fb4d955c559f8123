"""Running the main job on a family."""

from builder.pipeline.bake import Options, Report, bake
from tests.pipeline.conftest import Family
from tests.pipeline.heard import Heard


def run(family: Family, *words: str, heard: Heard | None = None, options: Options | None = None) -> Report:
    """Bake a family, or a part of it."""
    return bake(
        family.work(*words),
        options or Options(),
        heard or Heard(),
        reproduce=lambda build: f"again {build.name}",
    )
