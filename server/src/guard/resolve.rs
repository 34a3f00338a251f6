//! Names to addresses, checked in between.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Name, Resolve, Resolving};

use super::{AddressPolicy, GuardError};

/// Looks names up.
#[async_trait]
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All addresses of `host`.
    ///
    /// # Errors
    /// [`io::Error`] when the name does not exist or the look-up fails.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Debug)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    #[expect(clippy::disallowed_methods, reason = "this is the replacement that the lint names")]
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A resolver that gives an answer only when every address in it may be connected to. The HTTP client connects to the
/// addresses it gets from here and asks nobody else.
#[derive(Clone, Debug)]
pub struct GuardedResolver {
    resolver: Arc<dyn Resolver>,
    policy: AddressPolicy,
}

impl GuardedResolver {
    /// Guards `resolver` with `policy`.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolver>, policy: AddressPolicy) -> Self {
        Self { resolver, policy }
    }

    /// Looks up `host` and checks every address.
    ///
    /// # Errors
    /// [`GuardError`] when one address is refused or there is none, [`io::Error`] when the look-up fails.
    pub async fn lookup(
        &self,
        host: &str,
    ) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let addresses = self.resolver.lookup(host).await?;
        if addresses.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
        }
        // SECURITY: one refused address refuses the name. An answer that mixes public and private addresses is how
        // rebinding begins, and the client would be free to try each.
        for address in &addresses {
            self.policy.check(*address).map_err(|error: GuardError| error)?;
        }
        Ok(addresses)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.clone();
        Box::pin(async move {
            let addresses = guarded.lookup(name.as_str()).await?;
            // Port 0 stands for the port of the URL.
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(&'static [&'static str]);

    #[async_trait]
    impl Resolver for Fixed {
        async fn lookup(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
            Ok(self.0.iter().map(|text| text.parse().unwrap()).collect())
        }
    }

    #[tokio::test]
    async fn one_refused_address_refuses_the_name() {
        let answers: [(&[&str], bool); 5] = [
            (&["8.8.8.8"], true),
            (&["8.8.8.8", "2606:4700:4700::1111"], true),
            (&["8.8.8.8", "10.0.0.1"], false),
            (&["::ffff:8.8.8.8"], false),
            (&[], false),
        ];
        for (addresses, passes) in answers {
            let guarded =
                GuardedResolver::new(Arc::new(Fixed(addresses)), AddressPolicy::default());
            assert_eq!(guarded.lookup("example.com").await.is_ok(), passes, "{addresses:?}");
        }
    }
}
