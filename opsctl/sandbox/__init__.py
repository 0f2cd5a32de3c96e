"""The embedded default: a real Kubernetes and a fake AWS on this computer, without Docker and without an account.

The cluster (etcd, API server, controller manager, scheduler, kubelet, containerd, kube-proxy and all pods) lives in
network, mount and PID namespaces of its own. On the host there is one network interface, one folder
(`<project>/.opsctl/sandbox`) and one process to kill. Nothing outside this package imports it but `opsctl/cli/sandbox*.py`.

    up.py, down.py, status.py   the three commands
    node.py, launch.py, init.py the namespaces: start from outside, first process inside
    parts.py, settings.py       what runs in the node, and with which settings
    network.py, pki.py, cgroups.py, images.py, rootfs.py, aws.py   one resource each
    packages.py, toolchain/     where the programs come from
"""
