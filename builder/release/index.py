"""The release index: the tested platform manifests, byte for byte, under one digest.

It is assembled here because Buildx' imagetools wraps single manifests anew and adds what it likes. The same
manifests and annotations give the same bytes on every machine.
"""

from builder.bake.recipe import canonical
from builder.model.descriptor import INDEX, Descriptor
from builder.registry.manifest import Manifest
from builder.release.gate import Approved


def assemble(approved: Approved) -> Manifest:
    """The OCI index of an approved candidate, annotated with what its platforms agree on."""
    children = [
        Descriptor(
            tested.manifest.media_type,
            tested.manifest.digest,
            len(tested.manifest.content),
            tested.part.platform,
        ).json()
        for tested in approved.parts
    ]
    content = canonical(
        {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": children,
            "annotations": {**approved.candidate.notes, **approved.candidate.shared},
        }
    )
    return Manifest.parse(content, INDEX)
