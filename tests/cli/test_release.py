"""Releases from the command line: published, verified, listed, rolled back, pruned, and what is refused."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builder.cli.app import run
from builder.model.digest import Digest
from builder.model.reference import Repository
from builder.registry import Registry
from builder.release.signing.sign import Signer
from tests.cli.staged import Staged
from tests.pipeline.conftest import CPU, make_family
from tests.release.keys import PASSWORD, KeyPair, generate
from tests.servers.fixtures import QUICK
from tests.servers.registry import RegistryServer

pytestmark = pytest.mark.engine

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    """The publisher's key pair."""
    return generate(tmp_path_factory.mktemp("keys") / "ours")


@pytest.fixture
def staged(tmp_path: Path, server: RegistryServer, monkeypatch: pytest.MonkeyPatch) -> Staged:
    """A matrix with one target on one platform, staged and tested."""
    monkeypatch.setenv("COSIGN_PASSWORD", PASSWORD)
    made = Staged(make_family(tmp_path / "family", server, CPU).file)
    made.stage()
    made.test()
    return made


def call(staged: Staged, command: str, *words: str) -> int:
    return run([command, "-f", str(staged.file), *words])


def answer(capsys: Said, *words: str) -> Any:
    """What a command says as JSON."""
    capsys.readouterr()
    run([*words, "--format", "json"])
    return json.loads(capsys.readouterr().out)


def where(staged: Staged, tag: str) -> Digest | None:
    """Where a release tag points."""
    with Registry(QUICK) as registry:
        found = registry.resolve(Repository.parse(staged.work.project.matrix.release).tag(tag))
    return found.digest if found else None


def later(staged: Staged) -> Staged:
    """The same family a week later."""
    staged.lock_to(staged.work.lock.epoch + timedelta(days=7))
    staged.stage()
    staged.test()
    return staged


def change(staged: Staged, text: str) -> None:
    """Add a line to the matrix."""
    staged.file.write_text(f"{staged.file.read_text()}{text}\n")


def test_a_signed_release_is_verified_with_the_public_key_alone(
    staged: Staged, keys: KeyPair, capsys: Said, tmp_path: Path
) -> None:
    assert call(staged, "release", "--dry-run") == 0
    assert "ready" in capsys.readouterr().out
    assert where(staged, "cpu-base") is None
    assert call(staged, "release", "--sign", str(keys.private)) == 0
    shown = capsys.readouterr().out
    assert "published" in shown
    assert "recorded as" in shown
    image = f"{staged.work.project.matrix.release}:cpu-base"
    assert run(["verify", image, "--key", str(keys.public)]) == 0
    assert "record, index and platforms are signed" in capsys.readouterr().out
    told = answer(capsys, "verify", image, "--key", str(keys.public))
    assert told["passed"]
    assert {check["result"] for check in told["checks"]} == {"passed"}
    assert run(["verify", image]) == 40
    assert "not checked" in capsys.readouterr().out
    policy = tmp_path / "policy.yaml"
    policy.write_text("level: gpu\n")
    assert run(["verify", image, "--key", str(keys.public), "--policy", str(policy)]) == 40
    assert "gpu is required" in capsys.readouterr().out


def test_a_release_is_rolled_back_by_the_name_of_a_former_one(
    staged: Staged, keys: KeyPair, capsys: Said
) -> None:
    call(staged, "release")
    first = where(staged, "cpu-base")
    (name,) = [word for word in capsys.readouterr().out.split() if ":release-" in word]
    later(staged)
    call(staged, "release")
    assert where(staged, "cpu-base") != first
    record = name.rpartition(":")[2]
    (told,) = answer(capsys, "release", "-f", str(staged.file), "--rollback", record, "--dry-run")
    assert (told["record"], told["moved"]["cpu-base"]["to"]) == ("", str(first))
    assert call(staged, "release", "--rollback", record, "--sign", str(keys.private)) == 0
    assert "recorded as" in capsys.readouterr().out
    assert where(staged, "cpu-base") == first
    with Registry(QUICK) as registry:
        place = Repository.parse(staged.work.project.matrix.release)
        newest = registry.resolve(place.tag(max(t for t in registry.tags(place) if t.endswith("-3"))))
        assert newest
        assert registry.referrers(place, newest.digest)
    assert call(staged, "release", "--rollback", record) == 0
    assert "nothing has to move" in capsys.readouterr().out
    assert call(staged, "release", "--rollback", "release-20200101-9") == 22


def test_only_receipts_of_the_signatory_count(staged: Staged, keys: KeyPair, capsys: Said) -> None:
    (staged.file.parent / "receipts.pub").write_bytes(keys.public.read_bytes())
    change(staged, "receipts: {key: receipts.pub}")
    assert call(staged, "release") == 40
    assert "it is not signed" in capsys.readouterr().out
    staged.test(signer=Signer(str(keys.private)))
    assert call(staged, "release") == 0


def test_prune_says_what_goes_and_frees_and_then_deletes_it(staged: Staged, capsys: Said) -> None:
    old = where_staged(staged)
    later(staged)
    words = ("--keep", "1", "--age", "0")
    told = answer(capsys, "prune", "-f", str(staged.file), *words)
    assert str(old) in told["manifests"]
    assert told["bytes"] > 0
    assert not told["applied"]
    assert call(staged, "prune", *words) == 0
    assert "would delete" in capsys.readouterr().out
    assert where_staged(staged, old)
    done = answer(capsys, "prune", "-f", str(staged.file), "--apply", *words)
    assert (done["manifests"], done["bytes"]) == (told["manifests"], told["bytes"])
    assert where_staged(staged, old) is None
    assert call(staged, "release") == 0


def where_staged(staged: Staged, digest: Digest | None = None) -> Digest | None:
    """The staged manifest of that digest, or the one of the matrix."""
    work = staged.work
    place = Repository.parse(work.project.matrix.staging)
    with Registry(QUICK) as registry:
        found = registry.resolve(place.at(digest) if digest else work.builds[0].image)
    return found.digest if found else None


def test_the_catalogue_lists_every_release_that_there_was(staged: Staged, capsys: Said) -> None:
    assert call(staged, "catalog") == 0
    assert "holds no release" in capsys.readouterr().out
    call(staged, "release")
    call(later(staged), "release")
    newest, oldest = answer(capsys, "catalog", "-f", str(staged.file))["releases"]
    assert (newest["rolling"], oldest["rolling"]) == (["cpu-base"], [])
    assert newest["epoch"] > oldest["epoch"]
    assert newest["digest"] == str(where(staged, "cpu-base"))
    assert oldest["tags"]
    (image,) = newest["images"]
    assert image["level"] == "cpu"
    assert image["size"] > 0
    assert call(staged, "catalog", "--format", "hub") == 0
    assert "| `cpu-base` " in capsys.readouterr().out


def test_a_changelog_is_of_two_releases(staged: Staged, capsys: Said) -> None:
    call(staged, "release")
    assert call(staged, "changelog") == 22
    assert "there is no release before" in capsys.readouterr().err
    call(later(staged), "release")
    told = answer(capsys, "changelog", "-f", str(staged.file))
    (changed,) = told["changes"]
    assert changed["kind"] == "changed"
    assert any("epoch" in why for why in changed["why"])
    assert call(staged, "changelog", told["to"], "--since", told["from"]) == 0
    assert f"### `{told['from']}` to `{told['to']}`" in capsys.readouterr().out
    assert call(staged, "changelog", "release-20200101-9") == 22


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["release", "latest"], 40, "`latest` is never released"),
        (["bake", "--release", "latest"], 40, "`latest` is never released"),
        (["release", "--rollback", "latest"], 40, "`latest` is never released"),
        (["verify", "127.0.0.1:1/acme/cuda:latest"], 40, "`latest` is never released"),
        (["verify", "127.0.0.1:1/acme/cuda"], 2, "neither a tag nor a digest"),
        (["verify", "127.0.0.1:1/acme/cuda:a", "--identity", "me"], 2, "go together"),
        (
            ["verify", "127.0.0.1:1/acme/cuda:a", "--key", "k", "--identity", "me", "--issuer", "i"],
            2,
            "two signers",
        ),
        (["release", "--sign", "absent.key"], 2, "there is no key file absent.key"),
        (["release", "--rollback", "release-20260701-1", "cuda=cpu"], 2, "leave the selectors out"),
    ],
)
def test_what_is_refused_before_any_registry_is_asked(
    capsys: Said, words: list[str], code: int, says: str
) -> None:
    assert run(words) == code
    assert says in capsys.readouterr().err
