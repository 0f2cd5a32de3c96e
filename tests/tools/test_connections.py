"""How a cluster is found: from a kubeconfig, good or broken, and from inside a pod."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opsctl.core.environment import Environment, Kubernetes
from opsctl.errors import Unreachable
from opsctl.sandbox import pki
from opsctl.tools.cluster import kubeconfig_package
from opsctl.tools.cluster.incluster import connect_in_cluster
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig
from opsctl.wiring import open_api

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """A kubeconfig of one context; `user` and `cluster` are its entries, other keys replace whole parts."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def file(cluster: Any = None, user: Any = None, **parts: Any) -> Path:
        whole = {
            "apiVersion": "v1", "kind": "Config", "current-context": "one",
            "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://k.test:6443"} if cluster is None else cluster}],
            "users": [{"name": "u", "user": {"token": "secret"} if user is None else user}],
        }  # fmt: skip
        made = tmp_path / "config"
        made.write_text(json.dumps({**whole, **{name.replace("_", "-"): part for name, part in parts.items()}}))
        return made

    return file


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A certificate authority, and a certificate of it with its key."""
    folder = tmp_path_factory.mktemp("pki")
    pki.create(folder, {"ana": pki.Identity("ana")})
    files = {"ca": "ca.crt", "certificate": "ana.crt", "key": "ana.key"}
    return {name: (folder / file).read_bytes() for name, file in files.items()}


def inline(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_token(write: Write) -> None:
    found = connect_by_kubeconfig(write(), None)
    assert (found.server, found.headers()) == ("https://k.test:6443", {"authorization": "Bearer secret"})


def test_a_token_in_a_file_is_read_each_time(write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old\n")
    found = connect_by_kubeconfig(write(user={"tokenFile": "token"}), "one")
    assert found.headers() == {"authorization": "Bearer old"}
    (tmp_path / "token").write_text("new\n")
    assert found.headers() == {"authorization": "Bearer new"}


def test_certificates_inline_and_in_files_beside_it(write: Write, tmp_path: Path, pem: dict[str, bytes]) -> None:
    cluster = {"server": "https://k.test/", "certificate-authority-data": inline(pem["ca"])}
    user = {"client-certificate-data": inline(pem["certificate"]), "client-key-data": inline(pem["key"])}
    found = connect_by_kubeconfig(write(cluster, user), None)
    assert (found.server, found.headers(), found.tls.cert_store_stats()["x509"]) == ("https://k.test", {}, 1)
    for name, content in pem.items():
        (tmp_path / name).write_bytes(content)
    cluster = {"server": "https://k.test", "certificate-authority": "ca"}
    user = {"client-certificate": "certificate", "client-key": str(tmp_path / "key")}
    assert connect_by_kubeconfig(write(cluster, user), None).tls.cert_store_stats()["x509"] == 1


def test_the_certificate_may_have_another_name(write: Write, pem: dict[str, bytes]) -> None:
    cluster = {"server": "https://10.0.0.1", "tls-server-name": "k.test"}
    pool = connect_by_kubeconfig(write(cluster), None).pool
    assert (pool.connection_pool_kw["server_hostname"], pool.connection_pool_kw["assert_hostname"]) == ("k.test",) * 2


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"current_context": None}, "no current context"),
        ({"current_context": "two"}, "no context two"),
        ({"contexts": None}, "no context one"),
        ({"contexts": ["one"]}, "no context one"),
        ({"contexts": [{"name": "one"}]}, "context one is no mapping"),
        ({"clusters": []}, "no cluster c"),
        ({"users": {"u": 1}}, "no user u"),
        ({"cluster": {"server": 7}}, "'7' is no address"),
        ({"cluster": {}}, "is no address"),
        ({"cluster": {"server": "https://k", "certificate-authority": "missing"}}, "missing"),
        ({"cluster": {"server": "https://k", "certificate-authority-data": "%"}}, "no way to the cluster"),
        ({"cluster": {"server": "https://k", "certificate-authority-data": "aGk="}}, "certificates cannot be used"),
        ({"user": {"client-certificate-data": "aGk=", "client-key-data": "aGk="}}, "certificates cannot be used"),
        ({"user": {"tokenFile": "missing"}}, "missing"),
        ({"user": {"exec": "no"}}, "no way to the cluster"),
    ],
)
def test_a_broken_kubeconfig_is_said_in_words(write: Write, parts: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreachable, match="no way to the cluster: kubeconfig ") as caught:
        connect_by_kubeconfig(write(**parts), None)
    assert words in caught.value.message
    assert "kubernetes.kubeconfig" in str(caught.value.hint)


@pytest.mark.parametrize("text", ["", "- one\n", "a: [", "a: {b: &x [*x]}: c", "\x00", "\xff"])
def test_what_is_no_kubeconfig_at_all(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_bytes(text.encode("latin-1"))
    with pytest.raises(Unreachable, match="no way to the cluster"):
        connect_by_kubeconfig(tmp_path / "config", None)


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(Unreachable) as caught:
        connect_by_kubeconfig(None, None)
    assert caught.value.message == f"no way to the cluster: kubeconfig {tmp_path}/none: No such file or directory"


def test_what_goes_beyond_is_left_to_the_package(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(kubeconfig_package, "connect_by_package", lambda file, context, source: asked.append(context))
    connect_by_kubeconfig(write(user={"exec": {"command": "aws"}}), "one")
    connect_by_kubeconfig(write(cluster={"server": "https://k", "proxy-url": "http://p"}), "one")
    monkeypatch.setenv("HTTPS_PROXY", "http://p")
    connect_by_kubeconfig(write(), "one")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("KUBECONFIG", "a:b")
    connect_by_kubeconfig(None, "one")
    assert asked == ["one"] * 4


@pytest.mark.process
def test_a_program_that_makes_tokens(write: Write, tmp_path: Path) -> None:
    answer = {
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "made"},
    }  # fmt: skip
    program = {
        "apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "interactiveMode": "Never",
        "args": ["-c", f"print({json.dumps(answer)!r})"],
    }  # fmt: skip
    found = connect_by_kubeconfig(write(user={"exec": program}), None)
    assert (found.server, found.headers()) == ("https://k.test:6443", {"authorization": "Bearer made"})


_CONNECT = """
import sys
from pathlib import Path
from opsctl.tools.cluster.kubeconfig import connect_by_kubeconfig
connect_by_kubeconfig(Path(sys.argv[1]), None)
print("kubernetes" in sys.modules)
"""


@pytest.mark.process
def test_a_plain_kubeconfig_loads_no_package(write: Write) -> None:
    argv = [sys.executable, "-c", _CONNECT, str(write())]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_in_a_pod(tmp_path: Path, pem: dict[str, bytes]) -> None:
    (tmp_path / "ca.crt").write_bytes(pem["ca"])
    (tmp_path / "token").write_text("first")
    variables = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    found = connect_in_cluster(variables, tmp_path)
    assert (found.server, found.headers()) == ("https://[fd00::1]:443", {"authorization": "Bearer first"})
    (tmp_path / "token").write_text("rotated\n")
    assert found.headers() == {"authorization": "Bearer rotated"}


def test_in_no_pod(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no pod of a service account"):
        connect_in_cluster({}, tmp_path)


def test_a_private_endpoint_of_eks_says_from_where_it_answers(write: Write) -> None:
    config = write(cluster={"server": "https://0A1B.gr7.us-east-1.eks.amazonaws.com"})
    environment = Environment(name="live", kubernetes=Kubernetes(kubeconfig=str(config)))
    assert "cluster.access is in_vpc" in open_api(config.parent, environment).connection.source
