"""`sandbox down`: nothing is left but the data, and the data come back; other sandboxes do not notice."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from opsctl.errors import OpsError
from opsctl.sandbox import process, state

pytestmark = pytest.mark.cluster


def test_down_leaves_no_process_interface_mount_or_control_group(sandbox, traces):
    sandbox.up()
    aws = sandbox.pids()["fake-aws"][0]
    namespaces = sandbox.namespaces()
    assert traces(sandbox, namespaces), "a running sandbox must be visible, or this test sees nothing"

    assert sandbox.run("down").returncode == 0

    assert traces(sandbox, namespaces) == []
    assert process.find(aws) is None
    assert not Path("/run/containerd/io.containerd.runtime.v2.task/k8s.io").exists()
    assert sandbox.status()[0] == 1
    with pytest.raises(OpsError, match="no sandbox is up"):
        state.load(sandbox.project)


def test_down_twice_is_fine_and_so_is_down_where_nothing_was(sandbox, tmp_path):
    sandbox.run("down")

    assert sandbox.run("down").returncode == 0
    assert type(sandbox)(tmp_path).run("down").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_after_down_up_brings_back_the_pods_and_the_fake_aws(sandbox):
    sandbox.up()
    sandbox.kubectl("create", "deployment", "kept", "--image=ai-agent-sdk:1.0.0")
    sandbox.kubectl("rollout", "status", "deployment/kept", "--timeout=60s")
    uid = sandbox.kubectl("get", "pods", "-l", "app=kept", "-o", "jsonpath={.items[*].metadata.uid}")
    _s3(sandbox).create_bucket(Bucket="kept")

    assert sandbox.run("down").returncode == 0
    sandbox.up()

    sandbox.kubectl("wait", "pod", "-l", "app=kept", "--for=condition=Ready", "--timeout=60s")
    assert sandbox.kubectl("get", "pods", "-l", "app=kept", "-o", "jsonpath={.items[*].metadata.uid}") == uid
    assert [bucket["Name"] for bucket in _s3(sandbox).list_buckets()["Buckets"]] == ["kept"]


def test_purge_deletes_the_data_too(sandbox):
    sandbox.up()

    done = sandbox.run("down", "--purge", "-o", "json")

    assert (done.returncode, json.loads(done.stdout)) == (0, {"up": False, "data": "deleted"})
    assert not sandbox.at.root.exists()


def test_one_sandbox_does_not_notice_the_end_of_another(sandbox, new_sandbox, traces):
    sandbox.up()
    before = sandbox.pids()
    second = new_sandbox()
    second.up()
    assert not sandbox.namespaces() & second.namespaces()
    assert state.load(sandbox.project).address != state.load(second.project).address
    assert second.kubectl("get", "namespaces", "-o", "name") == sandbox.kubectl("get", "namespaces", "-o", "name")
    sandbox.kubectl("create", "namespace", "only-here")
    assert "only-here" not in second.kubectl("get", "namespaces", "-o", "name")

    namespaces = second.namespaces()
    os.kill(second.host().pid, signal.SIGKILL)
    assert second.run("down").returncode == 0

    assert traces(second, namespaces) == []
    assert sandbox.status()[0] == 0
    assert sandbox.pids() == before


def _s3(sandbox):
    import boto3

    found = state.load(sandbox.project)
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=found.aws_endpoint, **keys)
