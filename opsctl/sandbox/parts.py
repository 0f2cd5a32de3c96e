"""What runs in the node: each program's command line, what it needs to start, how to see that it is well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opsctl.sandbox.settings import CONTAINERD, INSIDE, NODE_NAME, PKI, PODS, SERVICES

_KUBECONFIGS = f"{INSIDE}/kubeconfigs"
_API = "https://{node}:6443/readyz"
_ETCD = "http://{node}:2381/health"


@dataclass(frozen=True)
class Part:
    """`needs` and `health` are places (see health.py), `{node}` standing for the node's address.

    The part is started when every place in `needs` answers, and is well when `health` does.
    """

    name: str
    argv: tuple[str, ...]
    needs: tuple[str, ...]
    health: str

    def needs_at(self, address: str) -> list[str]:
        return [need.format(node=address) for need in self.needs]

    def health_at(self, address: str, init: int) -> str:
        """The place to ask from the host; a socket is found by way of the node's first process."""
        return f"/proc/{init}/root{self.health}" if self.health.startswith("/") else self.health.format(node=address)


def parts(address: str, toolchain: Path) -> tuple[Part, ...]:
    """All parts of the node in the order of their start."""
    return (
        Part("containerd", ("containerd", "--config", f"{INSIDE}/containerd.toml"), (), CONTAINERD),
        _etcd(toolchain),
        _apiserver(address, toolchain),
        _controller_manager(toolchain),
        _scheduler(toolchain),
        _kubelet(address, toolchain),
        _proxy(toolchain),
    )


def _etcd(toolchain: Path) -> Part:
    argv = (
        f"{toolchain}/etcd",
        f"--data-dir={INSIDE}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--listen-metrics-urls=http://0.0.0.0:2381",  # /health, to be asked from the host
        "--unsafe-no-fsync",  # a sandbox survives kill -9, not a power cut
        "--log-level=warn",
    )
    return Part("etcd", argv, (), _ETCD)


def _apiserver(address: str, toolchain: Path) -> Part:
    argv = (
        f"{toolchain}/kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--advertise-address={address}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/apiserver.crt",
        f"--tls-private-key-file={PKI}/apiserver.key",
        f"--kubelet-certificate-authority={PKI}/ca.crt",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={PKI}/service-accounts.key",
        f"--service-account-signing-key-file={PKI}/service-accounts.key",
    )
    return Part("kube-apiserver", argv, (_ETCD,), _API)


def _controller_manager(toolchain: Path) -> Part:
    argv = (
        f"{toolchain}/kube-controller-manager",
        *_as_client("controller-manager"),
        "--leader-elect=false",
        "--controllers=*,-nodeipam",
        f"--cluster-cidr={PODS}",
        f"--root-ca-file={PKI}/ca.crt",
        f"--service-account-private-key-file={PKI}/service-accounts.key",
        "--use-service-account-credentials=true",
    )
    return Part("kube-controller-manager", argv, (_API,), "https://{node}:10257/healthz")


def _scheduler(toolchain: Path) -> Part:
    argv = (f"{toolchain}/kube-scheduler", *_as_client("scheduler"), "--leader-elect=false")
    return Part("kube-scheduler", argv, (_API,), "https://{node}:10259/healthz")


def _as_client(name: str) -> tuple[str, ...]:
    """The same file for talking to the API server, for asking it who a caller is and what he may do."""
    path = f"{_KUBECONFIGS}/{name}"
    return (f"--kubeconfig={path}", f"--authentication-kubeconfig={path}", f"--authorization-kubeconfig={path}")


def _kubelet(address: str, toolchain: Path) -> Part:
    argv = (
        f"{toolchain}/kubelet",
        f"--config={INSIDE}/kubelet.json",
        f"--kubeconfig={_KUBECONFIGS}/kubelet",
        f"--root-dir={INSIDE}/kubelet",
        f"--hostname-override={NODE_NAME}",
        f"--node-ip={address}",
    )
    return Part("kubelet", argv, (_API, CONTAINERD), "http://{node}:10248/healthz")


def _proxy(toolchain: Path) -> Part:
    argv = (f"{toolchain}/kube-proxy", f"--config={INSIDE}/proxy.json")
    return Part("kube-proxy", argv, (_API,), "http://{node}:10256/healthz")
