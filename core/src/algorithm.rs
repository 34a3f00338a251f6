//! What computes a signature.

use serde::Deserialize;

/// What computes a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Algorithm {
    /// HMAC (RFC 2104) with MD5; some senders still use it.
    HmacMd5,
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    #[default]
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// SHA-1 of content that holds the secret.
    Sha1,
    /// SHA-256 of content that holds the secret.
    Sha256,
    /// Nothing is signed: the secret itself is sent.
    Token,
}

impl Algorithm {
    /// Length of a signature in bytes; none for a token, which is as long as its secret.
    pub(crate) fn tag_len(self) -> Option<usize> {
        match self {
            Self::HmacMd5 => Some(16),
            Self::HmacSha1 | Self::Sha1 => Some(20),
            Self::HmacSha256 | Self::Sha256 => Some(32),
            Self::HmacSha512 => Some(64),
            Self::Token => None,
        }
    }

    /// Whether this is a bare hash, which protects nothing unless the secret is in the content.
    pub(crate) fn needs_secret_in_content(self) -> bool {
        matches!(self, Self::Sha1 | Self::Sha256)
    }
}
