//! Which addresses are this machine's own.
//!
//! A public address of this host is as near as `127.0.0.1`: what listens on all of its interfaces answers there, behind
//! every firewall around it.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, UdpSocket},
    sync::LazyLock,
};

use super::failure::is_of_this_process;

/// Whether packets to `address` stay on this machine. Asks the system, and sends nothing.
///
/// # Errors
/// [`io::Error`] when the system has nothing left to ask with.
pub(super) fn is_own(address: IpAddr) -> io::Result<bool> {
    match UdpSocket::bind((address, 0)) {
        Ok(_) if *BINDS_ANYWHERE => Ok(leads_to_itself(address)),
        Ok(_) => Ok(true),
        Err(error) if is_of_this_process(&error) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Where any address can be bound (`net.ipv4.ip_nonlocal_bind`), the route says it for all but secondary addresses:
/// from an address to itself.
fn leads_to_itself(address: IpAddr) -> bool {
    let any = match address {
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    };
    let source = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, DISCARD))?;
        socket.local_addr()
    });
    source.is_ok_and(|source| source.ip() == address)
}

/// Nobody has this address: it is of a block that was never given out (RFC 1112).
static BINDS_ANYWHERE: LazyLock<bool> =
    LazyLock::new(|| UdpSocket::bind((Ipv4Addr::new(240, 0, 0, 1), 0)).is_ok());
/// A datagram socket is connected without a packet, so any port will do (RFC 863).
const DISCARD: u16 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_knows_its_own_addresses() {
        for (text, own) in
            [("127.0.0.1", true), ("127.0.0.2", true), ("240.0.0.2", false), ("4000::1", false)]
        {
            assert_eq!(is_own(text.parse().unwrap()).unwrap(), own, "{text}");
        }
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        let elsewhere: IpAddr = "240.0.0.2".parse().unwrap();
        assert!(leads_to_itself(loopback) && !leads_to_itself(elsewhere));
    }
}
