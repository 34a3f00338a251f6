//! Which addresses are public.
//!
//! Source: the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890 and its updates), with the
//! multicast and reserved blocks, the deprecated site-local block, and all of IPv6 that is not global unicast
//! (RFC 4291 §2.4). Ranges that IANA calls reachable but that serve a protocol (AS112, AMT, NAT64, 6to4, Teredo) are
//! refused too: no receiver lives there, and several of them carry an IPv4 address inside.
//!
//! Some clouds answer their own machines at addresses that IANA calls public. Source: Microsoft, "What is IP address
//! 168.63.129.16?"; IBM, "Service endpoints available for IBM Cloud VPC". The metadata services of the others (AWS,
//! Alibaba, Google, Oracle, Tencent, OpenStack) live in ranges that are special anyway.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::GuardError;

/// Which addresses may be connected to: all that are public, and what the operator opened.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    opened: Vec<IpNet>,
}

impl AddressPolicy {
    /// The default policy with `opened` networks beside it.
    #[must_use]
    pub const fn new(opened: Vec<IpNet>) -> Self {
        Self { opened }
    }

    /// Accepts an address that is public or in an opened network.
    ///
    /// # Errors
    /// [`GuardError`] that names the range.
    pub fn check(&self, address: IpAddr) -> Result<(), GuardError> {
        match special_range(address) {
            None => Ok(()),
            Some(range) => {
                let refuse = || {
                    GuardError::new(format!("address `{address}` is not public: {}", range.name))
                };
                let mut refusal = refuse();
                for network in self.opened_around(address) {
                    // SECURITY: whoever opens a translator's prefix (NAT64, 6to4 …) means the public internet behind it.
                    let mut inner = carried_ipv4(address, network.prefix_len()).into_iter();
                    match inner.try_for_each(|inner| self.check(IpAddr::V4(inner))) {
                        Ok(()) => return Ok(()),
                        Err(error) => refusal = error,
                    }
                }
                Err(refusal)
            }
        }
    }

    /// Whether the operator opened a network that holds `address`.
    pub(super) fn is_opened(&self, address: IpAddr) -> bool {
        self.opened_around(address).next().is_some()
    }

    fn opened_around(&self, address: IpAddr) -> impl Iterator<Item = &IpNet> {
        self.opened.iter().filter(move |network| network.contains(&address))
    }
}

/// A block of addresses where no receiver on the public internet can be.
#[derive(Clone, Copy, Debug)]
pub struct SpecialRange {
    /// The block.
    pub network: IpNet,
    /// What the block is for.
    pub name: &'static str,
}

/// The special range that holds `address`, or `None` when the address is public.
#[must_use]
pub fn special_range(address: IpAddr) -> Option<SpecialRange> {
    if let IpAddr::V6(v6) = address
        && let [.., 0x0000 | 0x0200, 0x5efe, _, _] = v6.segments()
    {
        // What else the prefix is says more.
        return Some(listed(address).unwrap_or(ISATAP));
    }
    listed(address)
}

fn listed(address: IpAddr) -> Option<SpecialRange> {
    SPECIAL.iter().find(|range| range.network.contains(&address)).copied()
}

/// The IPv4 addresses that packets to an IPv6 address may end up at, where the form of the address says so; its network
/// was opened with a prefix of `prefix_len` bits.
fn carried_ipv4(address: IpAddr, prefix_len: u8) -> Vec<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return Vec::new() };
    match address.segments() {
        [0x2002, high, low, ..] => vec![ipv4(high, low)],
        // Teredo (RFC 4380 §4) writes the client's address with every bit inverted.
        [0x2001, 0, .., high, low] => vec![ipv4(!high, !low)],
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Vec::new(),
        // SECURITY: how long the translator's own prefix is, only the length of the opened one tells, so all that fit into
        // it count. RFC 6052 §2.2: the address follows the prefix, and steps over bits 64 to 71.
        [0x64, 0xff9b, 1, ..] => {
            let placed = |(_, [a, b, c, d]): (u8, [usize; 4])| {
                let octets = address.octets();
                let [a, b, c, d] = [a, b, c, d].map(|at| octets.get(at).copied());
                Some(Ipv4Addr::new(a?, b?, c?, d?))
            };
            let fits = |(bits, _): &(u8, [usize; 4])| *bits >= prefix_len;
            PLACES.into_iter().filter(fits).filter_map(placed).collect()
        }
        [0, 0, 0, 0, 0 | 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [.., 0x0000 | 0x0200, 0x5efe, high, low] => vec![ipv4(high, low)],
        _ => Vec::new(),
    }
}

fn ipv4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, name: &'static str) -> SpecialRange {
    SpecialRange {
        network: IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)),
        name,
    }
}

const fn v6(s: [u16; 8], prefix: u8, name: &'static str) -> SpecialRange {
    let address = Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    SpecialRange { network: IpNet::V6(Ipv6Net::new_assert(address, prefix)), name }
}

/// Tunnels to the IPv4 address in the last 32 bits, under any prefix: told by the interface identifier in the middle, so
/// that no network stands for it.
const ISATAP: SpecialRange = v6([0; 8], 0, "ISATAP (RFC 5214)");

/// Where an IPv4 address stands behind a translator's prefix of so many bits within `64:ff9b:1::/48`.
const PLACES: [(u8, [usize; 4]); 4] =
    [(48, [6, 7, 9, 10]), (56, [7, 9, 10, 11]), (64, [9, 10, 11, 12]), (96, [12, 13, 14, 15])];

/// The first row that holds an address names it, so narrow rows stand before wide ones.
const SPECIAL: &[SpecialRange] = &[
    v4(0, 0, 0, 0, 8, "this network (RFC 791)"),
    v4(10, 0, 0, 0, 8, "private use (RFC 1918)"),
    v4(100, 64, 0, 0, 10, "shared address space (RFC 6598)"),
    v4(127, 0, 0, 0, 8, "loopback (RFC 1122)"),
    v4(161, 26, 0, 0, 16, "IBM Cloud services"),
    v4(166, 8, 0, 0, 14, "IBM Cloud services"),
    v4(168, 63, 129, 16, 32, "Azure platform services"),
    v4(169, 254, 0, 0, 16, "link local (RFC 3927)"),
    v4(172, 16, 0, 0, 12, "private use (RFC 1918)"),
    v4(192, 0, 0, 0, 24, "protocol assignments (RFC 6890)"),
    v4(192, 0, 2, 0, 24, "documentation (RFC 5737)"),
    v4(192, 31, 196, 0, 24, "AS112 (RFC 7535)"),
    v4(192, 52, 193, 0, 24, "AMT (RFC 7450)"),
    v4(192, 88, 99, 0, 24, "6to4 relay anycast (RFC 7526)"),
    v4(192, 168, 0, 0, 16, "private use (RFC 1918)"),
    v4(192, 175, 48, 0, 24, "AS112 (RFC 7534)"),
    v4(198, 18, 0, 0, 15, "benchmarking (RFC 2544)"),
    v4(198, 51, 100, 0, 24, "documentation (RFC 5737)"),
    v4(203, 0, 113, 0, 24, "documentation (RFC 5737)"),
    v4(224, 0, 0, 0, 4, "multicast (RFC 5771)"),
    v4(255, 255, 255, 255, 32, "limited broadcast (RFC 919)"),
    v4(240, 0, 0, 0, 4, "reserved (RFC 1112)"),
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, "unspecified (RFC 4291)"),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback (RFC 4291)"),
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96, "IPv4-compatible (RFC 4291)"),
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, "IPv4-mapped (RFC 4291)"),
    v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, "IPv4-translated (RFC 2765)"),
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, "NAT64 (RFC 6052)"),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "local-use NAT64 (RFC 8215)"),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "discard only (RFC 6666)"),
    v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64, "dummy prefix (RFC 9780)"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "Teredo (RFC 4380)"),
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "benchmarking (RFC 5180)"),
    v6([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, "ORCHID (RFC 4843)"),
    v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, "ORCHIDv2 (RFC 7343)"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "protocol assignments (RFC 2928)"),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "documentation (RFC 3849)"),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, "6to4 (RFC 3056)"),
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, "AS112 (RFC 7534)"),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "documentation (RFC 9637)"),
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "segment routing (RFC 9602)"),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "unique local (RFC 4193)"),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link local (RFC 4291)"),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "site local (RFC 3879)"),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast (RFC 4291)"),
    // Global unicast is 2000::/3; these three rows are all the rest.
    v6([0, 0, 0, 0, 0, 0, 0, 0], 3, "not global unicast (RFC 4291)"),
    v6([0x4000, 0, 0, 0, 0, 0, 0, 0], 2, "not global unicast (RFC 4291)"),
    v6([0x8000, 0, 0, 0, 0, 0, 0, 0], 1, "not global unicast (RFC 4291)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// An address in the range, and a word of the name it must be given.
    const REFUSED: &[(&str, &str)] = &[
        ("0.0.0.0", "this network"),
        ("0.255.255.255", "this network"),
        ("10.0.0.1", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.0", "shared"),
        ("100.127.255.255", "shared"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("161.26.0.10", "IBM Cloud"),
        ("166.11.255.255", "IBM Cloud"),
        ("168.63.129.16", "Azure"),
        ("100.100.100.200", "shared"),
        ("192.0.0.192", "protocol"),
        ("169.254.0.1", "link local"),
        ("169.254.169.254", "link local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.1", "protocol"),
        ("192.0.0.170", "protocol"),
        ("192.0.2.1", "documentation"),
        ("192.31.196.1", "AS112"),
        ("192.52.193.1", "AMT"),
        ("192.88.99.1", "6to4"),
        ("192.168.0.1", "private"),
        ("192.168.255.255", "private"),
        ("192.175.48.1", "AS112"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.254", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "compatible"),
        ("::808:808", "compatible"),
        ("::ffff:127.0.0.1", "mapped"),
        ("::ffff:8.8.8.8", "mapped"),
        ("::ffff:0:127.0.0.1", "translated"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b::808:808", "NAT64"),
        ("64:ff9b:1::1", "NAT64"),
        ("100::1", "discard"),
        ("100:0:0:1::1", "dummy"),
        ("2001::1", "Teredo"),
        ("2001:0:7f00:1::", "Teredo"),
        ("2001:1::1", "protocol"),
        ("2001:2::1", "benchmarking"),
        ("2001:4:112::1", "protocol"),
        ("2001:10::1", "ORCHID"),
        ("2001:2f:ffff::1", "ORCHIDv2"),
        ("2001:30::1", "protocol"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::1", "6to4"),
        ("2002:808:808::1", "6to4"),
        ("2620:4f:8000::1", "AS112"),
        ("3fff::1", "documentation"),
        ("3fff:fff::1", "documentation"),
        ("5f00::1", "segment routing"),
        ("4000::1", "not global"),
        ("9000::1", "not global"),
        ("200::1", "not global"),
        ("fc00::1", "unique local"),
        ("fdff::1", "unique local"),
        ("fd00:ec2::254", "unique local"),
        ("fe80::1", "link local"),
        ("febf::1", "link local"),
        ("fec0::1", "site local"),
        ("feff::1", "site local"),
        ("ff02::1", "multicast"),
        ("2606:4700::5efe:10.0.0.1", "ISATAP"),
        ("2606:4700::5efe:8.8.8.8", "ISATAP"),
        ("2606:4700::200:5efe:127.0.0.1", "ISATAP"),
        ("fe80::5efe:8.8.8.8", "link local"),
    ];

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "161.25.255.255",
        "166.12.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.114.0",
        "223.255.255.255",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700:4700::1111",
        "2606:4700::5eff:8.8.8.8",
        "2a00:1450::1",
        "3ffe::1",
    ];

    #[test]
    fn special_addresses_are_refused_by_name() {
        for (text, word) in REFUSED {
            let range =
                special_range(text.parse().unwrap()).unwrap_or_else(|| panic!("{text} passed"));
            assert!(range.name.contains(word), "{text}: {}", range.name);
            assert!(AddressPolicy::default().check(text.parse().unwrap()).is_err());
        }
    }

    #[test]
    fn public_addresses_pass() {
        for text in PUBLIC {
            assert!(special_range(text.parse().unwrap()).is_none(), "{text} refused");
        }
    }

    #[test]
    fn first_and_last_address_of_each_row_are_refused() {
        for range in SPECIAL {
            for address in [range.network.network(), range.network.broadcast()] {
                assert!(special_range(address).is_some(), "{address}");
            }
            assert_eq!(range.network, range.network.trunc(), "{} has host bits", range.network);
        }
    }

    #[test]
    fn an_opened_network_passes_and_nothing_beside_it() {
        let policy = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(policy.check("127.0.0.1".parse().unwrap()).is_ok());
        for still_closed in
            ["10.0.0.1", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1"]
        {
            assert!(policy.check(still_closed.parse().unwrap()).is_err(), "{still_closed}");
        }
    }

    #[test]
    fn an_opened_translator_leads_to_public_addresses_only() {
        let policy = AddressPolicy::new(
            ["64:ff9b::/96", "2002::/16", "2001::/32", "::/80", "::ffff:0:0/96", "2a00::/16"]
                .map(|network| network.parse().unwrap())
                .into(),
        );
        for passes in [
            "64:ff9b::8.8.8.8",
            "2a00::5efe:8.8.8.8",
            "2002:808:808::1",
            "2001:0:7f00:1::f7f7:f7f7",
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "::1",
        ] {
            assert!(policy.check(passes.parse().unwrap()).is_ok(), "{passes}");
        }
        for refused in [
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::1",
            "2001:0:808:808::80ff:fffe",
            "::127.0.0.1",
            "::ffff:169.254.169.254",
            "2a00::5efe:10.0.0.1",
        ] {
            assert!(policy.check(refused.parse().unwrap()).is_err(), "{refused}");
        }
    }

    /// The same public and the same private address after prefixes of each length, and which of them pass when the
    /// network of that length is opened.
    #[test]
    fn a_translator_of_ones_own_is_read_at_every_place_that_its_prefix_leaves() {
        for (network, public, private) in [
            ("64:ff9b:1::/96", "64:ff9b:1::8.8.8.8", "64:ff9b:1::10.0.0.1"),
            ("64:ff9b:1:abcd::/96", "64:ff9b:1:abcd::808:808", "64:ff9b:1:abcd::7f00:1"),
            // 8.8.8.8, and behind it 1.1.1.1 for a longer prefix.
            ("64:ff9b:1:abcd::/64", "64:ff9b:1:abcd:8:808:801:101", "64:ff9b:1:abcd:a:0:101:101"),
            ("64:ff9b:1:ab00::/56", "64:ff9b:1:ab08:8:808:801:101", "64:ff9b:1:ab0a:0:1:801:101"),
            ("64:ff9b:1::/48", "64:ff9b:1:808:8:808:801:101", "64:ff9b:1:a9fe:a9:fe08:801:101"),
            ("64:ff9b::/32", "64:ff9b:1:808:8:808:801:101", "64:ff9b:1:7f00:0:108:801:101"),
        ] {
            let policy = AddressPolicy::new(vec![network.parse().unwrap()]);
            assert!(policy.check(public.parse().unwrap()).is_ok(), "{public} in {network}");
            assert!(policy.check(private.parse().unwrap()).is_err(), "{private} in {network}");
        }
        // What passes behind one prefix is somewhere else behind a shorter one.
        let policy = AddressPolicy::new(vec!["64:ff9b:1::/48".parse().unwrap()]);
        assert!(policy.check("64:ff9b:1::8.8.8.8".parse().unwrap()).is_err());
    }
}
