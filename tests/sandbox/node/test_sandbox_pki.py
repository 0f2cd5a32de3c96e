"""Certificates that Kubernetes accepts, and keys that stay the same while they may."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from opsctl.sandbox import pki

ADDRESS = "198.18.0.42"


@pytest.fixture
def made(tmp_path):
    pki.create(tmp_path, _wanted(ADDRESS))
    return tmp_path


def _wanted(address: str) -> dict[str, pki.Identity]:
    return pki.identities(address, "10.96.0.1", "sandbox")


def _cert(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _addresses(path) -> list[str]:
    names = _cert(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(address) for address in names.get_values_for_type(x509.IPAddress)]


def test_every_certificate_is_signed_by_the_ca(made):
    for name in _wanted(ADDRESS):
        _cert(made / f"{name}.crt").verify_directly_issued_by(_cert(made / "ca.crt"))


def test_the_api_server_is_known_by_each_of_its_addresses(made):
    assert _addresses(made / "apiserver.crt") == ["127.0.0.1", "10.96.0.1", ADDRESS]


def test_the_kubelet_is_the_node_and_is_known_by_its_address(made):
    subject = _cert(made / "kubelet.crt").subject
    assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "system:node:sandbox"
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "system:nodes"
    assert _addresses(made / "kubelet.crt") == [str(ip_address(ADDRESS))]


def test_keys_are_private(made):
    assert {path.stat().st_mode & 0o777 for path in made.glob("*.key")} == {0o600}


def test_the_same_wish_again_changes_nothing(made):
    before = {path.name: path.read_bytes() for path in made.iterdir()}

    pki.create(made, _wanted(ADDRESS))

    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_another_address_signs_anew_but_tokens_stay_valid(made):
    tokens = (made / "service-accounts.key").read_bytes()

    pki.create(made, _wanted("198.18.0.46"))

    assert _addresses(made / "kubelet.crt") == ["198.18.0.46"]
    _cert(made / "kubelet.crt").verify_directly_issued_by(_cert(made / "ca.crt"))
    assert (made / "service-accounts.key").read_bytes() == tokens


def test_what_a_kill_left_half_made_is_made_again(made):
    (made / "made.json").unlink()  # written last
    (made / "proxy.crt").unlink()

    pki.create(made, _wanted(ADDRESS))

    _cert(made / "proxy.crt").verify_directly_issued_by(_cert(made / "ca.crt"))


def test_a_kubeconfig_has_everything_inside(made):
    config = json.loads(pki.kubeconfig(made, "admin", "https://198.18.0.42:6443"))

    assert config["current-context"] == "sandbox"
    assert config["clusters"][0]["cluster"]["server"] == "https://198.18.0.42:6443"
    assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
