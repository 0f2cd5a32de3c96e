"""Keys and certificates of one sandbox: a CA, and what it signs. EC keys, as RSA would take 4 s instead of 0.3 s."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from opsctl.sandbox import folder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

_DAYS = 3650  # the files are as private as the sandbox itself, and nobody renews a sandbox


@dataclass(frozen=True)
class Identity:
    """Who a certificate is for: Kubernetes reads `name` as user and `group` as group."""

    name: str
    group: str = ""
    hosts: tuple[str, ...] = ()


def identities(node_address: str, service_address: str, node_name: str) -> dict[str, Identity]:
    """Each certificate by its file name."""
    server_names = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "127.0.0.1")
    return {
        "apiserver": Identity("kube-apiserver", hosts=(*server_names, service_address, node_address)),
        "apiserver-kubelet": Identity("apiserver-kubelet", "system:masters"),
        "admin": Identity("sandbox-admin", "system:masters"),
        "controller-manager": Identity("system:kube-controller-manager"),
        "scheduler": Identity("system:kube-scheduler"),
        "proxy": Identity("system:kube-proxy"),
        # without the address, logs, exec and port-forward fail
        "kubelet": Identity(f"system:node:{node_name}", "system:nodes", hosts=(node_name, node_address)),
    }


def create(into: Path, wanted: dict[str, Identity]) -> None:
    """Write the CA, `NAME.crt` and `NAME.key` for each identity, and the service accounts' key; or leave all as is."""
    asked = {name: [who.name, who.group, *who.hosts] for name, who in wanted.items()}
    if folder.read_json(into / "made.json") == asked:
        return
    ca_key = _key(into / "ca.key")
    ca = _sign(Identity("opsctl-sandbox"), ca_key, ca_key, None)
    _write_cert(into / "ca.crt", ca)
    for name, who in wanted.items():
        _write_cert(into / f"{name}.crt", _sign(who, _key(into / f"{name}.key"), ca_key, ca))
    if not (into / "service-accounts.key").exists():  # a new one would make every token in the cluster worthless
        _key(into / "service-accounts.key")
    folder.write_json(into / "made.json", asked)


def kubeconfig(pki: Path, name: str, server: str) -> str:
    """A kubeconfig with everything inside: context, cluster and user are called `sandbox`."""

    def data(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    return json.dumps(  # JSON is YAML
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "sandbox", "cluster": {"server": server, "certificate-authority-data": data("ca.crt")}}
            ],
            "users": [
                {
                    "name": "sandbox",
                    "user": {
                        "client-certificate-data": data(f"{name}.crt"),
                        "client-key-data": data(f"{name}.key"),
                    },
                }
            ],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox"}}],
            "current-context": "sandbox",
        },
        indent=2,
    )


def _key(path: Path) -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())
    folder.write(path, pem.decode())
    return key


def _write_cert(path: Path, cert: Certificate) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    folder.write(path, cert.public_bytes(Encoding.PEM).decode())


def _sign(
    who: Identity, key: EllipticCurvePrivateKey, ca_key: EllipticCurvePrivateKey, ca: Certificate | None
) -> Certificate:
    """A certificate for `who`, signed by the CA; without `ca`, the CA's own."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    now = datetime.now(UTC)
    subject = _subject(who)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.subject if ca else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=ca is None, path_length=None), critical=True)
    )
    if ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([Usage.CLIENT_AUTH, Usage.SERVER_AUTH]), critical=False)
    if who.hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_alternative(h) for h in who.hosts]), critical=False
        )
    return builder.sign(ca_key, hashes.SHA256())


def _subject(who: Identity) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    group = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, who.group)] if who.group else []
    return x509.Name([*group, x509.NameAttribute(NameOID.COMMON_NAME, who.name)])


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
