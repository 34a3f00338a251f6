//! Where the database is: the URL, and how its connections are secured.
//!
//! **Invariant.** No text of this file holds the URL or its password.

use std::{fs, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use crate::store::StoreError;

/// A database, ready to be connected to.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`. The modes are those of libpq:
    /// `require` encrypts, and only `verify-full` (or `verify-ca`, which is taken for it) and a root certificate check
    /// whom it talks to.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let mut url = Url::parse(text).map_err(|_| refused("it is not a URL"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(refused("it does not begin with `postgres://`"));
        }
        let (mut mode, mut root, mut rest) = ("prefer".to_owned(), None, Vec::new());
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => mode = value.into_owned(),
                "sslrootcert" => root = Some(value.into_owned()),
                _ => rest.push((name.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        // A space is `+` in a form and `%20` in the URL of a database.
        let text = url.as_str().replace('+', "%20");
        let mut config: tokio_postgres::Config =
            text.parse().map_err(|_| refused("an option is not known or has no such value"))?;
        let (ssl_mode, verify) = match mode.as_str() {
            "disable" => (SslMode::Disable, false),
            "allow" | "prefer" => (SslMode::Prefer, false),
            "require" => (SslMode::Require, root.is_some()),
            "verify-ca" | "verify-full" => (SslMode::Require, true),
            _ => {
                return Err(refused(
                    "`sslmode` is none of disable, prefer, require, verify-ca, verify-full",
                ));
            }
        };
        config
            .ssl_mode(ssl_mode)
            .application_name("hookseal")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 4)
            .keepalives_retries(3);
        Ok(Self { config, tls: MakeRustlsConnect::new(client(verify, root.as_deref())?) })
    }
}

fn refused(why: &str) -> StoreError {
    StoreError::Engine(format!(
        "the URL of the database is not understood: {why}; write `postgres://user:password@host/database`"
    ))
}

fn client(verify: bool, root: Option<&str>) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Engine(format!("no TLS for the database: {error}")))?;
    if !verify {
        let verifier = Arc::new(Unverified { provider });
        return Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    match root {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let unreadable = || {
                StoreError::Engine(format!(
                    "`sslrootcert` `{path}` holds no certificate; name a readable PEM file"
                ))
            };
            let pem = fs::read(path).map_err(|_| unreadable())?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                roots.add(certificate.map_err(|_| unreadable())?).map_err(|_| unreadable())?;
            }
            if roots.is_empty() {
                return Err(unreadable());
            }
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What `sslmode=require` means to PostgreSQL: whoever answers is believed, and nobody else can read along.
#[derive(Debug)]
struct Unverified {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After that, a database that does not even acknowledge counts as gone.
const SILENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_libpq_reads() {
        let address =
            Address::parse("postgresql://me:p%40ss@db.example:6000/hooks?sslmode=verify-full")
                .unwrap();
        assert_eq!(address.config.get_password(), Some(&b"p@ss"[..]));
        assert_eq!(address.config.get_ports(), [6000]);
        assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
        let socket = Address::parse("postgres://me@%2Fvar%2Frun/hooks?sslmode=disable").unwrap();
        assert_eq!(socket.config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn no_refusal_holds_the_password() {
        for url in [
            "me:hunter2@db",
            "mysql://me:hunter2@db/x",
            "postgres://me:hunter2@db/x?sslmode=never",
            "postgres://me:hunter2@db/x?colour=red",
            "postgres://me:hunter2@db:99999/x",
            "postgres://me:hunter2@db/x?sslmode=verify-ca&sslrootcert=no-such-file",
        ] {
            let error =
                Address::parse(url).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!error.is_empty() && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
