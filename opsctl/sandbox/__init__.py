"""The embedded default: a real Kubernetes and a fake AWS on this computer, without Docker and without an account.

The cluster (etcd, API server, controller manager, scheduler, kubelet, containerd, kube-proxy and all pods) lives in
network, mount and PID namespaces of its own. On the host there is one network interface, one folder
(`<project>/.opsctl/sandbox`) and one process to kill. Only `opsctl/cli/sandbox*.py` imports this package.

    up.py, down.py, status.py   the three commands
    node.py, init.py, daemon.py the namespaces from outside, their first process, and a start that is never lost
    parts.py, settings.py       what runs in the node, and with which settings
    network.py, pki.py, cgroups.py, images.py, rootfs.py, aws.py   one resource each
    health.py, proof.py, api.py how we know that it is up
    requirements.py, packages.py, toolchain/   what must be there, and where it comes from
"""
