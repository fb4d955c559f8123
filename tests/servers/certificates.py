"""A private certificate authority for one test session."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a server's certificate chain and key, and of the authority that vouches for them."""

    chain: Path
    key: Path
    authority: Path


def issue(folder: Path, *names: str) -> Certificate:
    """A certificate for these host names and addresses, of an authority that nobody knows yet."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    issued = authority.issue_cert(*names)
    certificate = Certificate(folder / "chain.pem", folder / "key.pem", folder / "authority.pem")
    certificate.chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    certificate.key.write_bytes(issued.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(certificate.authority))
    return certificate
