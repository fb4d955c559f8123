"""What the build's own installer makes of the names of channels, and what the variable may be."""

from types import ModuleType

import pytest

from builder.engine.channels import ALIAS, alias_from_environment
from tests.bake.programs import program


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return program("install-conda", monkeypatch)


PATH = "conda-forge/noarch/pip-25.0-0.tar.bz2"


def test_what_an_image_says_of_its_packages_is_where_conda_looks_by_name(installer: ModuleType) -> None:
    from rattler import Channel as Known

    assert installer.url_of(PATH) == f"{Known('conda-forge').base_url}noarch/pip-25.0-0.tar.bz2"
    for place in ("https://conda.acme.internal", "file:///channels"):
        assert installer.url_of(PATH, place) == f"{place}/{PATH}"


@pytest.mark.parametrize(
    ("said", "means"),
    [("", ""), ("/srv/channels/", "file:///srv/channels"), ("https://x.acme/c/", "https://x.acme/c")],
)
def test_the_variable_may_name_a_folder_or_an_address(
    monkeypatch: pytest.MonkeyPatch, said: str, means: str
) -> None:
    monkeypatch.setenv(ALIAS, said)
    assert alias_from_environment() == means
