"""A plan's jobs as matrices for Azure Pipelines, set as output variables of the step that prints them."""

import json
from collections.abc import Mapping, Sequence

from builder.report.jobs import Job

# The pool of Microsoft's own machines, where a runner is an image and not a pool.
HOSTED = "Azure Pipelines"


def azure(matrices: Mapping[str, Sequence[Job]]) -> str:
    """Logging commands, one a matrix: `build_hosted` for Microsoft's machines, `build` and `smoke` for pools.

    A matrix without jobs is an empty variable, which is what a job's condition can ask for.
    """
    build = matrices["build"]
    parts = {
        "build_hosted": [job for job in build if job.runner[0] == HOSTED],
        "build": [job for job in build if job.runner[0] != HOSTED],
        "smoke": list(matrices["smoke"]),
    }
    return "\n".join(
        f"##vso[task.setvariable variable={name};isOutput=true]{_matrix(jobs)}"
        for name, jobs in parts.items()
    )


def _matrix(jobs: Sequence[Job]) -> str:
    """An object: job names are of letters, digits and underscores, values are variables of the job."""
    legs = {
        f"{job.platform}_{job.shard}".replace("/", "_"): {
            "platform": job.platform,
            "shard": job.shard,
            "runner": job.runner[-1],
            "images": job.name,
        }
        for job in jobs
    }
    return json.dumps(legs, separators=(",", ":")) if legs else ""
