"""What the fake AWS has answered it remembers, whatever ends it; and it loads nobody else's memory."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from terraform_stack import FakeAwsProcess

from opsctl.sandbox.fake_aws import server
from opsctl.sandbox.fake_aws.durable import may_change

_FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeAwsProcess]:
    """One with a bucket, which goes on living."""
    process = FakeAwsProcess(tmp_path_factory.mktemp("lasting"))
    _client(process.url, "s3").create_bucket(Bucket="bucket")
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[FakeAwsProcess]:
    process = FakeAwsProcess(tmp_path)
    yield process
    process.end(signal.SIGKILL)


def _client(url: str, service: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=url, **keys)


def _start(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "opsctl.sandbox.fake_aws", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)


def test_every_answered_change_survives_kill_9(aws: FakeAwsProcess) -> None:
    """Killed while changes are coming in: all that were answered are there, and at most one that was not."""
    s3 = _client(aws.url, "s3")
    s3.create_bucket(Bucket="bucket")
    answered: list[str] = []
    enough = threading.Event()

    def write() -> None:
        while True:
            try:
                s3.put_object(Bucket="bucket", Key=f"key-{len(answered):06}", Body=b"x")
            except (BotoCoreError, ClientError):
                return
            answered.append(f"key-{len(answered):06}")
            if len(answered) == 25:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(60)
    aws.end(signal.SIGKILL)
    writer.join(60)
    aws.start()
    listed = [item["Key"] for item in _client(aws.url, "s3").list_objects_v2(Bucket="bucket")["Contents"]]
    assert listed[: len(answered)] == answered
    assert len(listed) - len(answered) <= 1


def test_what_services_share_is_still_shared(aws: FakeAwsProcess) -> None:
    """Private keys, encryption under KMS, versions, and policies of AWS that a role has."""
    key = _client(aws.url, "kms").create_key()["KeyMetadata"]["Arn"]
    secret = _client(aws.url, "kms").encrypt(KeyId=key, Plaintext=b"plain")["CiphertextBlob"]
    certificate = _client(aws.url, "acm").request_certificate(DomainName="example.com")["CertificateArn"]
    policy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    _client(aws.url, "iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    _client(aws.url, "iam").attach_role_policy(RoleName="role", PolicyArn=policy)
    aws.end(signal.SIGKILL)
    aws.start()
    assert _client(aws.url, "kms").decrypt(CiphertextBlob=secret)["Plaintext"] == b"plain"
    assert _client(aws.url, "acm").describe_certificate(CertificateArn=certificate)["Certificate"]
    attached = _client(aws.url, "iam").list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    assert [item["PolicyArn"] for item in attached] == [policy]
    assert _client(aws.url, "iam").get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1
    assert _client(aws.url, "iam").get_policy(PolicyArn=f"{policy.rpartition('/')[0]}/ReadOnlyAccess")["Policy"]


def test_reading_writes_nothing(lasting: FakeAwsProcess) -> None:
    before = lasting.state.stat().st_mtime_ns
    _client(lasting.url, "ec2").describe_vpcs()
    _client(lasting.url, "kms").list_keys()
    _client(lasting.url, "s3").head_bucket(Bucket="bucket")
    assert lasting.state.stat().st_mtime_ns == before


def test_state_file_is_for_the_user_alone(lasting: FakeAwsProcess) -> None:
    assert lasting.state.stat().st_mode & 0o777 == 0o600


def test_stops_when_told_and_remembers(aws: FakeAwsProcess) -> None:
    _client(aws.url, "s3").create_bucket(Bucket="bucket")
    assert aws.end(signal.SIGTERM) == 0
    aws.start()
    assert _client(aws.url, "s3").list_buckets()["Buckets"][0]["Name"] == "bucket"
    assert aws.end(signal.SIGINT) == 0


def test_file_that_others_may_write_is_not_loaded(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_bytes(pickle.dumps({}))
    state.chmod(0o620)
    run = _start("--state", str(state))
    assert run.returncode == 1
    assert str(state) in run.stderr
    assert "was not started" in run.stderr
    assert "chmod 600" in run.stderr


def test_link_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "real").touch(mode=0o600)
    (tmp_path / "state").symlink_to(tmp_path / "real")
    run = _start("--state", str(tmp_path / "state"))
    assert run.returncode == 1
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("damage", ["garbage", "another moto", "cut short"])
def test_what_it_cannot_read_is_said_and_left_alone(lasting: FakeAwsProcess, tmp_path: Path, damage: str) -> None:
    whole, state = lasting.state.read_bytes(), tmp_path / "state"
    header, _, rest = whole.partition(b"\n")
    damaged = {"garbage": b"{}", "another moto": header + b"1\n" + rest, "cut short": whole[:-100]}[damage]
    state.touch(mode=0o600)
    state.write_bytes(damaged)
    run = _start("--state", str(state))
    assert run.returncode == 1
    assert f"delete {state}" in run.stderr
    assert "Traceback" not in run.stderr
    assert state.read_bytes() == damaged


def test_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind((server.ADDRESS, 0))
        taken.listen()
        run = _start("--port", str(taken.getsockname()[1]))
    assert run.returncode == 1
    assert "in use" in run.stderr
    assert "Traceback" not in run.stderr


def test_runs_inside_a_test_too(tmp_path: Path) -> None:
    running = server.start(state=tmp_path / "state")
    try:
        _client(running.url, "s3").create_bucket(Bucket="bucket")
    finally:
        running.stop()
    assert (tmp_path / "state").stat().st_uid == os.getuid()
    with pytest.raises(ConnectionRefusedError), socket.create_connection((server.ADDRESS, running.port)):
        pass


@pytest.mark.parametrize(
    ("expected", "method", "target", "form"),
    [
        (False, "GET", "", ""),
        (False, "HEAD", "", ""),
        (True, "PUT", "", ""),
        (True, "DELETE", "", ""),
        (True, "POST", "", ""),
        (False, "POST", "TrentService.DescribeKey", ""),
        (False, "POST", "TrentService.ListAliases", ""),
        (True, "POST", "TrentService.CreateKey", ""),
        (False, "POST", "", "Action=DescribeVpcs&Version=2016-11-15"),
        (False, "POST", "", "Version=2011-06-15&Action=GetCallerIdentity"),
        (True, "POST", "", "Action=CreateVpc&Version=2016-11-15"),
        (True, "POST", "", "Action=Detach&Describe=no"),
        (True, "POST", "", "Action=Listen"),
    ],
)
def test_what_may_change(expected: bool, method: str, target: str, form: str) -> None:
    environ = {"REQUEST_METHOD": method, "HTTP_X_AMZ_TARGET": target, "CONTENT_TYPE": _FORM if form else ""}
    assert may_change(environ, form.encode()) is expected


def test_an_answer_that_nobody_took_is_in_the_log(aws: FakeAwsProcess) -> None:
    """Whoever asks again is told that it exists already; the log has to say why."""
    body = b"Action=CreateRole&RoleName=lost&AssumeRolePolicyDocument=%7B%7D&Version=2010-05-08"
    head = f"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Type: {_FORM}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", aws.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets
        client.sendall(head.encode() + body)
    deadline = time.monotonic() + 30
    while "POST / HTTP/1.1: the answer did not arrive" not in aws.said():
        assert time.monotonic() < deadline, aws.said()
        time.sleep(0.05)  # between two looks at the log
