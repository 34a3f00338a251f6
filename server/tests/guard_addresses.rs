//! The ranges of the guard against the registries, typed in once more, and URLs that mean to get around it.

#![cfg(test)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hookseal_server::guard::{AddressPolicy, EndpointUrl, GuardPolicy, special_range};

/// IANA's "IPv4 Special-Purpose Address Registry", the multicast and reserved blocks, and addresses of clouds.
const IPV4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.0.0/29",
    "192.0.0.8/32",
    "192.0.0.9/32",
    "192.0.0.10/32",
    "192.0.0.170/31",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "161.26.0.0/16",
    "166.8.0.0/14",
    "168.63.129.16/32",
];

/// IANA's "IPv6 Special-Purpose Address Registry", IPv4-compatible and -translated addresses, site-local, multicast, and
/// all that is not 2000::/3.
const IPV6: &[&str] = &[
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:2::/48",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:30::/28",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "::/3",
    "4000::/2",
    "8000::/1",
];

/// First and last address of a block, as numbers of `bits` bits.
fn bounds(block: &str) -> (u128, u128, u32) {
    let (address, prefix) = block.split_once('/').unwrap();
    let (first, bits) = match address.parse().unwrap() {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let host_bits = bits - prefix.parse::<u32>().unwrap();
    let size = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
    (first, first + size, bits)
}

fn address(number: u128, bits: u32) -> IpAddr {
    match bits {
        32 => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap())),
        _ => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// Parses `address` as the host of a URL, in its usual form.
fn passes_as_literal(address: IpAddr) -> bool {
    let url = match address {
        IpAddr::V4(v4) => format!("https://{v4}/"),
        IpAddr::V6(v6) => format!("https://[{v6}]/"),
    };
    EndpointUrl::parse(&url, &GuardPolicy::default()).is_ok()
}

#[test]
fn every_range_is_refused_from_first_to_last_and_its_neighbours_are_not() {
    let policy = AddressPolicy::default();
    let mut neighbours = 0;
    for blocks in [IPV4, IPV6] {
        let all: Vec<_> = blocks.iter().map(|block| bounds(block)).collect();
        for (block, &(first, last, bits)) in blocks.iter().zip(&all) {
            let middle = first + (last - first) / 2;
            for inside in [first, first + (last - first).min(1), middle, last] {
                let inside = address(inside, bits);
                assert!(special_range(inside).is_some(), "{inside} of {block}");
                assert!(policy.check(inside).is_err(), "{inside} of {block}");
                assert!(!passes_as_literal(inside), "{inside} of {block}");
            }
            let max = if bits == 32 { u128::from(u32::MAX) } else { u128::MAX };
            let before = first.checked_sub(1);
            let after = last.checked_add(1).filter(|after| *after <= max);
            for outside in [before, after].into_iter().flatten() {
                let is_special = all.iter().any(|(from, to, _)| (from..=to).contains(&&outside));
                let outside = address(outside, bits);
                assert_eq!(special_range(outside).is_some(), is_special, "{outside} by {block}");
                assert_eq!(policy.check(outside).is_err(), is_special, "{outside} by {block}");
                assert_eq!(!passes_as_literal(outside), is_special, "{outside} by {block}");
                neighbours += usize::from(!is_special);
            }
        }
    }
    // Both kinds are there: the table is not all of the address space.
    assert!(neighbours >= 40, "{neighbours}");
}

/// Ways to write 127.0.0.1, 10.0.0.1, 169.254.169.254 and their like that some parser takes.
const DISGUISED: &[&str] = &[
    "127.0.0.1",
    "127.0.1",
    "127.1",
    "127.00000.0.1",
    "127.0.0.1.",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F000001",
    "0x7f.0.0.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.01",
    "0177.0x0.0.1",
    "0x7f.1",
    "0000000000000000000000000000000000177.0.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
    "\u{2460}\u{2461}\u{2466}.0.0.1",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "127\u{ff0e}0\u{ff0e}0\u{ff0e}1",
    "12\u{ad}7.0.0.1",
    "0",
    "0.0.0.0",
    "0x0",
    "10.0.0.1",
    "012.0.0.1",
    "0xa.1",
    "167772161",
    "172.16.0.1",
    "192.168.1.1",
    "0300.0250.1.1",
    "0xc0a80101",
    "3232235777",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.100.100.200",
    "168.63.129.16",
    "255.255.255.255",
    "4294967295",
    "224.0.0.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::10.0.0.1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:7f00:1::]",
    "[2001::80ff:fffe]",
    "[2606:4700::5efe:127.0.0.1]",
    "[2606:4700::200:5efe:10.0.0.1]",
    "[2606:4700::5efe:8.8.8.8]",
    "[2606:4700::200:5efe:8.8.8.8]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[2001:2::1]",
    "[100::1]",
    "[4000::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "a.b.LocalHost.",
    "\u{24db}ocalhost",
    "loc%61lhost",
];

/// Hosts and whole URLs that are no place at all.
const MALFORMED: &[&str] = &[
    "https://256.0.0.1/",
    "https://127.0.0.1.5.6/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://08.0.0.1/",
    "https://a.1/",
    "https://[::1/",
    "https://[1::2::3]/",
    "https://[::g]/",
    "https://[127.0.0.1]/",
    "https://a b/",
    "https://a\u{0}b/",
    "https://a%00b/",
    "https://a%0d%0ab/",
    "https://a\r\n/",
    "https://example.com\\@10.0.0.1/",
    "https://example.com%40127.0.0.1/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1@example.com/",
    "https://127.0.0.1:80@example.com/",
    "https://a:b@example.com/",
    "https://example.com#@127.0.0.1/",
    "https://example.com/#",
    "https:example.com",
    "https:/example.com",
    "https:example.com/x://y",
    "https:/u@example.com#x://y",
    "https:u:p@example.com/x://y",
    "https:u@example.com?x://y",
    "https:///example.com",
    "https:\\\\example.com",
    "//example.com",
    "example.com",
    "https://",
    "https://.",
    "https://..",
    "https://:443",
    "https://example.com:-1/",
    "https://example.com:65536/",
    "https://example.com:443:80/",
    "https://example.com:0/",
    "https://example.com:22/",
    "https://example.com:6379/",
    "https://example.com:6000/",
    "https://example.com:11211/",
    "http://example.com/",
    "HTTP://example.com/",
    "ws://example.com/",
    "ftp://example.com/",
    "gopher://example.com/_POST",
    "file:///etc/passwd",
    "file://example.com/etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "blob:https://example.com/x",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "jar:https://example.com!/",
    "view-source:https://example.com/",
];

#[test]
fn no_way_to_write_an_inner_address_gets_past() {
    for host in DISGUISED {
        for url in [format!("https://{host}/"), format!("https://{host}:8443/a?b=c")] {
            assert!(EndpointUrl::parse(&url, &GuardPolicy::default()).is_err(), "{url}");
        }
    }
}

#[test]
fn what_is_no_proper_url_is_refused() {
    for url in MALFORMED {
        assert!(EndpointUrl::parse(url, &GuardPolicy::default()).is_err(), "{url}");
    }
}

#[test]
fn a_policy_that_closed_since_refuses_what_was_parsed_before() {
    let open = GuardPolicy {
        allow_http: true,
        addresses: AddressPolicy::new(vec!["10.0.0.0/8".parse().unwrap()]),
        ..GuardPolicy::default()
    };
    for url in ["http://example.com/", "https://10.0.0.1/"] {
        let parsed = EndpointUrl::parse(url, &open).unwrap();
        assert!(parsed.check(&open).is_ok(), "{url}");
        assert!(parsed.check(&GuardPolicy::default()).is_err(), "{url}");
    }
}
