//! Which ports deliveries may go to.

use std::ops::RangeInclusive;

use super::GuardError;

/// A list of ports. By default 80, 443 and all from 1024 up but those of protocols that read a request as commands of
/// theirs (the Fetch standard's "bad ports").
#[derive(Clone, Debug, Default)]
pub struct PortPolicy {
    allowed: Option<Vec<RangeInclusive<u16>>>,
}

impl PortPolicy {
    /// Exactly these ports, in place of the default ones.
    #[must_use]
    pub const fn only(ports: Vec<RangeInclusive<u16>>) -> Self {
        Self { allowed: Some(ports) }
    }

    /// Accepts a port that is on the list.
    ///
    /// # Errors
    /// [`GuardError`] that names the port.
    pub fn check(&self, port: u16) -> Result<(), GuardError> {
        let passes = match &self.allowed {
            Some(ports) => ports.iter().any(|range| range.contains(&port)),
            None => matches!(port, 80 | 443 | 1024..) && !BAD_PORTS.contains(&port),
        };
        if passes {
            return Ok(());
        }
        let expected = match &self.allowed {
            Some(_) => "one that this server's operator allows",
            None => "443, 80 or one from 1024 up that no other protocol is known by",
        };
        Err(GuardError::new(format!("URL has port {port}, expected {expected}")))
    }
}

/// Those from 1024 up of <https://fetch.spec.whatwg.org/#bad-port>, and below them Redis, Memcached and Elasticsearch's
/// transport, which a POST has been made to talk to.
const BAD_PORTS: &[u16] = &[
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
    6679, 6697, 10080, //
    6379, 9300, 11211,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_knows_the_web_and_what_is_not_the_web() {
        let policy = PortPolicy::default();
        for port in [80, 443, 1024, 3000, 8080, 8443, 65535] {
            assert!(policy.check(port).is_ok(), "{port}");
        }
        for port in [0, 1, 21, 22, 25, 53, 79, 81, 442, 444, 1023].iter().chain(BAD_PORTS) {
            assert!(policy.check(*port).is_err(), "{port}");
        }
    }

    #[test]
    fn a_list_replaces_the_default() {
        let policy = PortPolicy::only(vec![443..=443, 9000..=9010]);
        for (port, passes) in
            [(443, true), (80, false), (8999, false), (9000, true), (9010, true), (9011, false)]
        {
            assert_eq!(policy.check(port).is_ok(), passes, "{port}");
        }
        assert!(PortPolicy::only(Vec::new()).check(443).is_err());
    }
}
