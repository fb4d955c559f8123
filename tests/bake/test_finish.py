"""What the image's own root does at the end, in a root that begins elsewhere."""

import os

import pytest

from builder.bake import context
from builder.engine.client import connect

SCRIPT = r"""
mkdir -p /changes /srv/usr && touch /usr/gone /srv/usr/gone && printf 'usr/gone\0' > /changes/removed
cp /finish /changes/ && sh /changes/finish
ls -d /usr/gone /srv/usr/gone 2> /dev/null || true
"""


@pytest.mark.engine
def test_what_went_is_removed_from_the_root_and_from_nowhere_else() -> None:
    said = connect().run(
        f"{os.environ.get('CIB_REGISTRY', '127.0.0.1:5000')}/library/debian:12-slim",
        ["bash", "-ec", SCRIPT],
        volumes=[(context.path() / "finish", "/finish", "ro")],
        workdir="/srv",
        networks=["none"],
        remove=True,
    )
    assert said == "/srv/usr/gone"
