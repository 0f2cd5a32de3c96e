"""Addresses are found by the folder's key, and never where somebody else is."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from opsctl.errors import OpsError
from opsctl.sandbox import network


def test_a_key_keeps_its_place():
    one = network.link("ops-x", "0000000a", [])

    assert one == network.link("ops-x", "0000000a", [])
    assert (one.host, one.node) == ("198.18.0.41", "198.18.0.42")


@pytest.mark.parametrize("key", ["00000000", "ffffffff", "00007fff", "8badf00d"])
def test_both_ends_lie_in_one_network_of_the_pool(key):
    found = network.link("ops-x", key, [])

    assert IPv4Address(found.node) in network.POOL
    assert IPv4Network((found.node, 30), strict=False) == IPv4Network((found.host, 30), strict=False)
    assert network.around("ops-x", found.node) == found


def test_a_taken_place_is_passed_over():
    first = network.link("ops-x", "00000000", [])
    second = network.link("ops-x", "00000000", [IPv4Network((first.host, 30), strict=False)])

    assert first.node != second.node


def test_it_gives_up_in_words_when_everything_is_taken():
    with pytest.raises(OpsError, match="no free addresses"):
        network.link("ops-x", "00000000", [network.POOL])


def test_routes_of_this_host_are_seen():
    loopback = IPv4Network("127.0.0.0/8")

    assert any(net.overlaps(loopback) for net in network.taken(without=""))
    assert not any(net.overlaps(loopback) for net in network.taken(without="lo"))
    assert not any(net.prefixlen == 0 for net in network.taken(without=""))
