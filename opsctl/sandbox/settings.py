"""Settings files of the node's programs. All paths are as seen inside the node, where its folder is /run/node."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

INSIDE = "/run/node"
PKI = f"{INSIDE}/pki"
CONTAINERD = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "docker.io/library/opsctl-pause:1"
NODE_NAME = "sandbox"
PODS = "10.244.0.0/22"  # about 1,000 addresses; nothing of it is visible outside the node
SERVICES = "10.96.0.0/16"
API_SERVICE = "10.96.0.1"
DNS = "10.96.0.10"
MAX_PODS = 250


@dataclass(frozen=True)
class NodeSettings:
    """What differs from one sandbox to the next."""

    address: str
    cgroup: str


def files(node: NodeSettings) -> dict[str, str]:
    """Each settings file by its path below the node's folder."""
    return {
        "containerd.toml": _containerd(),
        "cni/sandbox.conflist": json.dumps(_cni(), indent=2),
        "kubelet.json": json.dumps(_kubelet(node), indent=2),
        "proxy.json": json.dumps(_proxy(), indent=2),
    }


def _containerd() -> str:
    # restrict_oom_score_adj: without CAP_SYS_RESOURCE no pod starts otherwise ("can't get final child's PID from pipe")
    return f"""version = 2
root = "{INSIDE}/containerd"
state = "/run/containerd"
[grpc]
  address = "{CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{INSIDE}/cni"
"""


def _cni() -> dict[str, Any]:
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]},
    }
    return {
        "cniVersion": "0.4.0",
        "name": "sandbox",
        "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


def _kubelet(node: NodeSettings) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {"x509": {"clientCAFile": f"{PKI}/ca.crt"}},
        "tlsCertFile": f"{PKI}/kubelet.crt",
        "tlsPrivateKeyFile": f"{PKI}/kubelet.key",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "healthzBindAddress": node.address,
        "podLogsDir": f"{INSIDE}/pod-logs",
        # There is no name server. An address here spares each pod a warning event, and look-ups fail at once.
        "clusterDNS": [DNS],
        "clusterDomain": "cluster.local",
        "resolvConf": "",  # the host's name server is out of reach
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{node.cgroup}",  # two kubelets under one root would remove each other's pods
        "failSwapOn": False,
        "maxPods": MAX_PODS,
        "registryPullQPS": 0,
        "serializeImagePulls": False,
        "oomScoreAdj": 0,
        # The host's disk may be nearly full for reasons of its own: never evict pods or delete images for that.
        "evictionHard": {},
        "imageGCHighThresholdPercent": 100,
    }


def _proxy() -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clientConnection": {"kubeconfig": f"{INSIDE}/kubeconfigs/proxy"},
        "clusterCIDR": PODS,
        "hostnameOverride": NODE_NAME,
        "oomScoreAdj": 0,
        "conntrack": {"maxPerCore": 0, "min": 0},
        # With the default of 1 s a second switch soon after a first waits for up to 780 ms.
        "iptables": {"minSyncPeriod": "10ms", "localhostNodePorts": True},
    }
