"""Bringing a blob from one repository to another: by mount where the registry can, as a stream elsewhere."""

import httpx

from builder.model.descriptor import Descriptor
from builder.model.reference import Repository
from builder.registry.errors import NotFoundError, UnauthorizedError
from builder.registry.http.ask import Ask
from builder.registry.http.session import Session
from builder.registry.outcome import Copied, Mounted, Outcome, Present
from builder.registry.verbs.blobs import stream_from
from builder.registry.verbs.paths import push
from builder.registry.verbs.uploads import Upload, cancel, is_there, location, transfer


def copy_blob(
    session: Session, source: Repository, destination: Repository, descriptor: Descriptor
) -> Outcome:
    """Have a blob of `source` in `destination` too.

    A mount is one request where asking first would be two, so it is simply asked for.
    """
    if source == destination:
        return Present()
    opened: Upload | None = None
    if source.registry == destination.registry:
        match _mount(session, source, destination, descriptor):
            case Mounted() as mounted:
                return mounted
            case opened:
                pass
    if is_there(session, destination, descriptor):
        if opened:
            cancel(session, destination, opened)
        return Present()
    transfer(
        session,
        destination,
        descriptor,
        lambda start: stream_from(session, source, descriptor, start),
        opened,
    )
    return Copied(descriptor.size)


def _mount(
    session: Session, source: Repository, destination: Repository, descriptor: Descriptor
) -> Mounted | Upload | None:
    """Ask for a mount. A registry that cannot, opens an upload instead; one that may not, denies it."""
    ask = Ask(
        "POST",
        f"/v2/{destination.path}/blobs/uploads/?mount={descriptor.digest}&from={source.path}",
        where=f"{destination}@{descriptor.digest}",
        registry=destination.registry,
        scopes=push(destination, source),
        accept=frozenset({201, 202}),
    )

    def read(response: httpx.Response) -> Mounted | Upload:
        if response.status_code == httpx.codes.CREATED:
            return Mounted()
        return Upload(location(response, ask))

    try:
        outcome = session.call(ask, read)
    except (NotFoundError, UnauthorizedError):
        return None
    if isinstance(outcome, Mounted):
        session.pushes.note_blob(destination, descriptor.digest)
    return outcome
