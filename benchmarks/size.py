"""What an image of the source `wheels` with torch weighs, beside its toolkit with a plain install of torch.

    python -m benchmarks.size -f matrix.yaml TARGET TOOLKIT [--platform linux/amd64]

TARGET is an image with torch, TOOLKIT the same without. One bake call builds both and pushes nothing; on the
second, the same torch is installed with all that it asks for into a folder of its own, as pip would, less the
bytecode that pip makes. What is told are the bytes of all files, each once, as they lie in the images.
"""

import argparse
import json
import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builder.bake import context
from builder.bake.definition import Build, definition
from builder.model.size import show_size
from builder.pipeline.prepare import prepare
from builder.pipeline.site import site

_SUM = "sort -u | awk '{ sum += $2 } END { printf \"%d\", sum }'"
_WEIGH = f"find / -xdev -type f -printf '%D:%i %s\\n' | {_SUM} > /weight"
# Hard links to uv's cache take no space, and are as long as what they link to.
_PLAIN = f"""\
RUN --mount=type=bind,from=fetch,source=/builder,target=/builder --mount=type=secret,id=ca \\
    --mount=type=secret,id=uv --mount=type=cache,id=uv,target=/root/.cache/uv \\
    unset UV_CONSTRAINT \\
    && bash /builder/with-site /builder/uv/bin/uv pip install -q --link-mode hardlink \\
      --target /root/.cache/uv/plain torch==TORCH \\
    && find /root/.cache/uv/plain -type f -printf '%D:%i %s\\n' | {_SUM} > /plain; \\
    rm -rf /root/.cache/uv/plain; test -s /plain
"""


def main() -> None:
    """Build both, weigh both, and print what that comes to."""
    words = _arguments()
    work = prepare(words.file, [words.target, words.toolkit], datetime.now(UTC).date())
    builds = {
        build.target: build for build in work.builds if str(build.recipe.cell.platform) == words.platform
    }
    ours, toolkit = builds[words.target], builds[words.toolkit]
    with tempfile.TemporaryDirectory() as scratch:
        file = definition(builds.values(), context.path().resolve(), site(builds.values()))
        _weighed(file["target"][ours.name], ours, "", Path(scratch, "ours"))
        more = _PLAIN.replace("TORCH", ours.recipe.cell.torch)
        _weighed(file["target"][toolkit.name], toolkit, more, Path(scratch, "toolkit"))
        subprocess.run(
            ["docker", "buildx", "bake", "-f", "-"],
            input=json.dumps(file),
            env={**os.environ, "BUILDX_BAKE_ENTITLEMENTS_FS": "0"},
            text=True,
            check=True,
        )
        one, base = (int(Path(scratch, name, "weight").read_text()) for name in ("ours", "toolkit"))
        plain = base + int(Path(scratch, "toolkit", "plain").read_text())
    print(f"{ours.name}: {show_size(one)} ({one} bytes)")
    print(f"{toolkit.name} with a plain install of torch: {show_size(plain)} ({plain} bytes)")
    print(f"{100 * one / plain:.1f} %")


def _weighed(target: dict[str, Any], build: Build, more: str, folder: Path) -> None:
    """Make a bake target answer with its image's weight in place of the image."""
    before, _, last = build.recipe.dockerfile.rpartition("FROM base\n")
    stages = (
        f"{before}FROM base AS image\n{last}",
        f"FROM image AS weighed\nUSER 0\nRUN {_WEIGH}\n{more}",
        f"FROM scratch\nCOPY --from=weighed /weight {'/plain ' if more else ''}/\n",
    )
    target["dockerfile-inline"] = "".join(stages).replace("${", "$${").replace("%{", "%%{")
    target["output"] = [f"type=local,dest={folder}"]
    del target["annotations"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-f", "--file", type=Path, default=Path("matrix.yaml"))
    parser.add_argument("--platform", default="linux/amd64")
    parser.add_argument("target")
    parser.add_argument("toolkit")
    return parser.parse_args()


if __name__ == "__main__":
    main()
