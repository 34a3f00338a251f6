//! Secrets of endpoints: made or chosen, sealed, and opened to sign.
//!
//! **Invariant.** The text of a secret leaves this module in [`Issued::reveal`], for the answer to "create", and later only
//! by [`reveal`], where its profile says that its owner can be shown it again.

use hookseal::{Profile, Secret, SecretRule, SigningKey};
use zeroize::Zeroizing;

use crate::{
    error::{ApiCode, ApiError},
    rng::Rng,
    seal::Sealer,
    store::{SealedSecret, SecretKind},
};

/// The secret of a new endpoint.
#[derive(Debug)]
pub struct Issued {
    /// What is stored.
    pub sealed: SealedSecret,
    /// What the caller is shown, once: a secret that the server made.
    pub reveal: Option<Secret>,
}

/// Makes or takes the secret of a new endpoint, as its profile says.
///
/// # Errors
/// [`ApiError`] when a secret was sent where the server makes it, or one of a wrong length.
pub fn issue(
    profile: &Profile,
    chosen: Option<String>,
    endpoint_id: &str,
    sealer: &Sealer,
    rng: &dyn Rng,
) -> Result<Issued, ApiError> {
    match (profile.secret, chosen) {
        (SecretRule::Generated { .. }, None) => {
            let mut random = Zeroizing::new([0; 32]);
            rng.fill(random.as_mut_slice())?;
            let secret = Secret::generate(random.as_slice()).map_err(ApiError::internal)?;
            let sealed = sealer.seal(secret.expose().as_bytes(), endpoint_id, rng)?;
            Ok(Issued {
                sealed: SealedSecret { kind: SecretKind::Shared, sealed },
                reveal: Some(secret),
            })
        }
        (SecretRule::Generated { .. }, Some(_)) => {
            let message = format!(
                "the profile `{}` lets the server make the secret, leave it out",
                profile.id
            );
            Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("secret"))
        }
        (SecretRule::Chosen { .. }, None) => {
            let sealed = SealedSecret { kind: SecretKind::None, sealed: Vec::new() };
            Ok(Issued { sealed, reveal: None })
        }
        (SecretRule::Chosen { min, max }, Some(chosen)) => {
            let chosen = Zeroizing::new(chosen);
            let len = chosen.chars().count();
            if !(min..=max).contains(&len) {
                let message = format!("secret has {len} characters, expected {min} to {max}");
                return Err(ApiError::new(ApiCode::InvalidArgument, message).in_field("secret"));
            }
            let secret = Secret::new(chosen.as_str())
                .map_err(|error| ApiError::from_core(&error, "secret"))?;
            let key = profile
                .key(&secret)
                .and_then(|key| key.to_one_way())
                .map_err(|error| ApiError::from_core(&error, "secret"))?;
            let sealed = sealer.seal(key.as_bytes(), endpoint_id, rng)?;
            Ok(Issued { sealed: SealedSecret { kind: SecretKind::OneWay, sealed }, reveal: None })
        }
    }
}

/// The text of a secret that the server made, for its owner; `None` where the profile shows it only once.
///
/// # Errors
/// `internal` when it does not open.
pub fn reveal(
    sealer: &Sealer,
    secret: &SealedSecret,
    endpoint_id: &str,
    profile: &Profile,
) -> Result<Option<Secret>, ApiError> {
    let shows = profile.secret == (SecretRule::Generated { reveal: true });
    if !shows || secret.kind != SecretKind::Shared {
        return Ok(None);
    }
    let opened = sealer.open(&secret.sealed, endpoint_id)?;
    let text = str::from_utf8(&opened).map_err(|_| ApiError::internal("the secret is not text"))?;
    Secret::new(text).map(Some).map_err(ApiError::internal)
}

/// The keys to sign with; none where the endpoint has no secret.
///
/// # Errors
/// A text for the log, when the secret does not open or makes no key.
pub fn open(
    sealer: &Sealer,
    secret: &SealedSecret,
    endpoint_id: &str,
    profile: &Profile,
) -> Result<Vec<SigningKey>, String> {
    if secret.kind == SecretKind::None {
        return Ok(Vec::new());
    }
    let opened = sealer.open(&secret.sealed, endpoint_id).map_err(|error| error.to_string())?;
    let key = if secret.kind == SecretKind::OneWay {
        SigningKey::from_one_way(&opened)
    } else {
        let text = str::from_utf8(&opened).map_err(|_| "the secret is not text".to_owned())?;
        Secret::new(text).and_then(|secret| profile.key(&secret))
    };
    Ok(vec![key.map_err(|error| error.to_string())?])
}
