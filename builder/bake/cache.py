"""Where the steps of builds are kept in staging, for builders that never did them."""

from dataclasses import dataclass

from builder.bake.staging import cache_tag
from builder.model.digest import Digest
from builder.model.reference import Repository

# Whole stages, not only what the image has of them. A cache that cannot be written costs no build. Registries
# that know no other artifacts take it as an image.
_MODE = "mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"


@dataclass(frozen=True, slots=True)
class Cache:
    """The place of a build's own steps, and that of the steps which it may take over, if there is one.

    Each has a tag of its key, so that nothing is overwritten and `prune` sees what is old.
    """

    repository: Repository
    own: Digest
    last: Digest | None = None

    def fields(self, compression: str) -> dict[str, list[str]]:
        """The fields of a bake target."""
        own = (
            f"type=registry,ref={self.repository.tag(cache_tag(self.own))},{_MODE},compression={compression}"
        )
        source = [f"type=registry,ref={self.repository.tag(cache_tag(self.last))}"] if self.last else []
        return {"cache-to": [own], **({"cache-from": source} if source else {})}
