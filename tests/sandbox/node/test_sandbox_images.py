"""Images as files: the format of `docker save`, the same bytes from the same content, a shared layer once."""

from __future__ import annotations

import hashlib
import json
import tarfile

import pytest

from opsctl.sandbox import images
from opsctl.sandbox.images import Image


@pytest.fixture
def layer(tmp_path):
    (tmp_path / "hello").write_text("hello")
    return images._layer(tmp_path / "layer.tar", {"app/hello": tmp_path / "hello"})


@pytest.fixture
def archive(tmp_path, layer):
    config = {"Entrypoint": ["/app/hello"]}
    wanted = [Image("hello:1", (layer,), {**config, "Env": ["APP_VERSION=1"]}), Image("hello:2", (layer,), config)]
    images._save(wanted, tmp_path / "archive.tar")
    with tarfile.open(tmp_path / "archive.tar") as tar:
        yield {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def test_the_manifest_names_each_image_and_files_that_are_there(archive):
    manifest = json.loads(archive["manifest.json"])

    assert [row["RepoTags"] for row in manifest] == [["hello:1"], ["hello:2"]]
    assert all(row["Config"] in archive and set(row["Layers"]) <= set(archive) for row in manifest)


def test_a_shared_layer_is_stored_once(archive):
    assert len([name for name in archive if name.endswith(".tar")]) == 1


def test_each_configuration_names_its_layers_by_their_hash(archive, layer):
    digest = hashlib.sha256(layer.read_bytes()).hexdigest()

    for row in json.loads(archive["manifest.json"]):
        document = json.loads(archive[row["Config"]])
        assert document["rootfs"]["diff_ids"] == [f"sha256:{digest}"]


def test_the_same_content_gives_the_same_bytes(tmp_path, layer):
    before = layer.read_bytes()
    (tmp_path / "hello").touch()
    (tmp_path / "hello").chmod(0o600)

    assert images._layer(tmp_path / "again.tar", {"app/hello": tmp_path / "hello"}).read_bytes() == before


def test_versions_of_the_agent_differ_in_their_version_only():
    one, two = (images._agent_config(version) for version in images.AGENT_VERSIONS[:2])

    assert one["User"] == "10001:10001"
    assert one["Entrypoint"] == ["python3", "-m", "agent"]
    assert set(one["Env"]) ^ set(two["Env"]) == {"APP_VERSION=1.0.0", "APP_VERSION=1.1.0"}
    assert {**one, "Env": []} == {**two, "Env": []}
