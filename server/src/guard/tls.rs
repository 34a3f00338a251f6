//! Whom TLS trusts.

use std::{fmt, io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_rustls::TlsConnector;

/// Certificate authorities that the operator trusts beside the public ones.
#[derive(Clone, Default)]
pub struct ExtraRoots(Vec<CertificateDer<'static>>);

impl fmt::Debug for ExtraRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExtraRoots({})", self.0.len())
    }
}

impl ExtraRoots {
    /// Reads the certificates of a PEM file and adds them.
    ///
    /// # Errors
    /// [`io::Error`] when there is none, or one that cannot be a root.
    pub fn add_pem(&mut self, pem: &[u8]) -> io::Result<()> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
        let before = self.0.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| invalid(format!("not PEM: {error}")))?;
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|error| invalid(format!("not a certificate of an authority: {error}")))?;
            self.0.push(certificate);
        }
        if self.0.len() == before {
            return Err(invalid("no certificate in it, expected PEM".to_owned()));
        }
        Ok(())
    }
}

/// Makes TLS sessions that offer HTTP/2 and HTTP/1.1.
///
/// The roots are Mozilla's, compiled in (`webpki-roots`), not the platform's: the binary is then self-contained, and
/// behaves the same in an empty container.
pub(super) fn connector(extra: &ExtraRoots) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for root in &extra.0 {
        roots.add(root.clone()).map_err(io::Error::other)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![HTTP2.to_vec(), b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The name of HTTP/2 in TLS (RFC 9113 §3.2).
pub(super) const HTTP2: &[u8] = b"h2";
