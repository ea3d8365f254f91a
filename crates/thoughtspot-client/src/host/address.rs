//! What an address is for: which ones a host may be at.
//!
//! Invariant: whatever is not known to be public is not public. An IPv6 address is an address of the internet only inside `2000::/3`; every
//! way to wrap an IPv4 address into an IPv6 one is refused, but for NAT64, where the address inside is judged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Which addresses this one is among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// Of the internet.
    Public,
    /// Of a network of one's own, pods and services included, or of this machine.
    Private,
    /// Nothing is served there that anybody means by a host: link-local, metadata of clouds, multicast, wrapped, reserved.
    Special,
}

/// RFC 1918, carrier-grade NAT (RFC 6598), loopback.
const PRIVATE_V4: [Ipv4Net; 5] =
    [v4([10, 0, 0, 0], 8), v4([172, 16, 0, 0], 12), v4([192, 168, 0, 0], 16), v4([100, 64, 0, 0], 10), v4([127, 0, 0, 0], 8)];

/// The special-purpose registry of IANA, and two addresses at which clouds serve their metadata among ordinary ones.
const SPECIAL_V4: [Ipv4Net; 12] = [
    v4([0, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
    v4([100, 100, 100, 200], 32),
    v4([168, 63, 129, 16], 32),
];

/// Unique local addresses, loopback.
const PRIVATE_V6: [Ipv6Net; 2] = [v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), v6([0, 0, 0, 0, 0, 0, 0, 1], 128)];

/// Where a cloud serves its metadata among unique local addresses.
const METADATA_V6: Ipv6Net = v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254], 128);

/// Everything that is assigned for the internet, and what of it is not: protocols (Teredo), documentation, 6to4, documentation.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// The well-known prefix of NAT64: in a cluster without IPv4, DNS64 answers so for every host that has no IPv6 address.
const NAT64: Ipv6Net = v6([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

impl Range {
    pub(crate) fn of(address: IpAddr) -> Range {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Range {
    match address {
        _ if SPECIAL_V4.iter().any(|net| net.contains(&address)) => Range::Special,
        _ if PRIVATE_V4.iter().any(|net| net.contains(&address)) => Range::Private,
        _ => Range::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Range {
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return of_v4(Ipv4Addr::new(a, b, c, d));
    }
    match address {
        _ if METADATA_V6.contains(&address) => Range::Special,
        _ if PRIVATE_V6.iter().any(|net| net.contains(&address)) => Range::Private,
        _ if GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address)) => Range::Public,
        _ => Range::Special,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: Range, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(Range::of(address.parse().unwrap()), range, "{address}");
        }
    }

    #[test]
    fn an_address_of_the_internet_is_public() {
        check(
            Range::Public,
            &["1.1.1.1", "52.1.2.3", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255"],
        );
        check(Range::Public, &["100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "198.17.0.1", "223.255.255.255"]);
        check(Range::Public, &["2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2600:1f00::1", "64:ff9b::1.1.1.1"]);
    }

    #[test]
    fn a_network_of_ones_own_is_private_however_it_is_wrapped() {
        check(
            Range::Private,
            &["10.0.0.1", "10.96.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255"],
        );
        check(
            Range::Private,
            &["127.0.0.1", "127.255.255.254", "::1", "fc00::1", "fd12:3456::1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"],
        );
    }

    #[test]
    fn what_is_no_host_is_special() {
        check(Range::Special, &["0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.170.2", "192.0.0.192", "100.100.100.200"]);
        check(Range::Special, &["168.63.129.16", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1"]);
        check(Range::Special, &["203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"]);
        check(
            Range::Special,
            &["::", "fe80::1", "febf::1", "fec0::1", "ff02::1", "fd00:ec2::254", "100::1", "4000::1", "5f00::1"],
        );
        check(Range::Special, &["2001:db8::1", "3fff::1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "64:ff9b:1::10.0.0.1"]);
    }

    #[test]
    fn an_ipv4_address_inside_an_ipv6_one_is_special_whatever_it_is() {
        check(
            Range::Special,
            &["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:1.1.1.1", "::ffff:0:1.1.1.1"],
        );
        check(Range::Special, &["::127.0.0.1", "::10.0.0.1", "::1.1.1.1", "2002:7f00:1::", "2002:a00:1::1", "2002:101:101::"]);
        check(Range::Special, &["2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]);
    }
}
