"""Which addresses may be connected to."""

import pytest

from memelens.consumer.images.addresses import AddressRule


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address: str) -> None:
    """In either version, and in the forms in which IPv6 carries IPv4."""
    assert AddressRule().allows(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "168.63.129.16", "0.0.0.0", "255.255.255.255", "224.0.0.1", "233.252.0.1", "240.0.0.1",
        "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
        "fec0::1", "3fff::1", "192.0.0.8", "192.88.99.1", "64:ff9b:1::7f00:1", "::127.0.0.1", "::ffff:0:7f00:1",
    ],
)  # fmt: skip
def test_all_others_are_not(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, reserved, metadata, and each of them inside IPv6."""
    assert not AddressRule().allows(address)


def test_a_listed_network_is_allowed_and_no_other() -> None:
    """The list opens what it names, in every spelling."""
    rule = AddressRule(["10.1.0.0/16", "::1/128"])
    assert rule.allows("10.1.2.3")
    assert rule.allows("::ffff:10.1.2.3")
    assert rule.allows("::1")
    assert not rule.allows("10.2.0.1")
    assert not rule.allows("127.0.0.1")
