"""A private endpoint that does not answer: the hint says from where it would."""

from __future__ import annotations

import pytest

from opsctl.core.environment import Cluster
from opsctl.core.way_in import way_in

EKS = "https://0A1B2C3D.gr7.us-east-1.eks.amazonaws.com"


@pytest.mark.parametrize(
    ("server", "cluster", "words"),
    [
        (EKS, Cluster(), "inside the VPC"),
        (EKS, Cluster(access="public_allowlist"), "in cluster.public_access_cidrs"),
        ("https://localhost:8443", Cluster(access="ssm_tunnel"), "tunnel has to be open"),
    ],
)
def test_a_silent_endpoint_is_asked_from_the_right_place(server: str, cluster: Cluster, words: str) -> None:
    assert words in way_in(server, cluster)


def test_other_clusters_have_nothing_to_do_with_it() -> None:
    assert way_in("https://10.87.0.2:6443", Cluster()) == ""
