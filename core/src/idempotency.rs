//! By what a receiver knows that it has seen an event before.

use crate::canonical::digest;

/// The key under which a receiver notes an event as handled: its id or, where the sender gives none, the SHA-256 of the
/// body as `sha256:` and 64 hexadecimal digits. A sender's retry has the same key as the first attempt.
///
/// Keys of several senders need a prefix of the receiver's: two may use the same ids.
#[must_use]
pub fn idempotency_key(id: Option<&str>, body: &[u8]) -> String {
    match id.filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => format!("sha256:{}", digest::sha256_hex(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_id_or_the_hash_of_the_body() {
        assert_eq!(idempotency_key(Some("evt_1"), b"{}"), "evt_1");
        let of_body = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(idempotency_key(None, b"{}"), of_body);
        assert_eq!(idempotency_key(Some(""), b"{}"), of_body);
    }
}
