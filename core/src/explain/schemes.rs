//! Another algorithm, or another sender's scheme.

use std::ops::ControlFlow;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::algorithm::{Algorithm, Family};
use crate::key::SigningKey;
use crate::scheme::{Scheme, Selector};
use crate::secret::Secret;

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    algorithms(subject, visit)?;
    for id in Scheme::builtin_ids().into_iter().filter(|id| *id != subject.scheme.id()) {
        let Some(scheme) = stands_there(subject, id) else { continue };
        let Some(keys) = keys(&scheme, subject.secrets) else { continue };
        let message = format!("it verifies with scheme `{id}` ({})", scheme.name());
        visit(Change::new(Cause::OtherScheme, message, Part::Scheme(Box::new(scheme), keys)))?;
    }
    ControlFlow::Continue(())
}

/// The same scheme with another hash.
fn algorithms(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    const HMACS: [(Algorithm, &str); 5] = [
        (Algorithm::HmacSha256, "HMAC-SHA256"),
        (Algorithm::HmacSha1, "HMAC-SHA1"),
        (Algorithm::HmacSha512, "HMAC-SHA512"),
        (Algorithm::HmacSha384, "HMAC-SHA384"),
        (Algorithm::HmacMd5, "HMAC-MD5"),
    ];
    if subject.scheme.algorithm.family() != Family::Hmac {
        return ControlFlow::Continue(());
    }
    for (algorithm, name) in
        HMACS.into_iter().filter(|(known, _)| *known != subject.scheme.algorithm)
    {
        let mut scheme = subject.scheme.clone();
        scheme.algorithm = algorithm;
        let Some(keys) = keys(&scheme, subject.secrets) else { continue };
        let message = format!("the signature is made with {name}");
        visit(Change::new(Cause::WrongAlgorithm, message, Part::Scheme(Box::new(scheme), keys)))?;
    }
    ControlFlow::Continue(())
}

/// A built-in scheme that finds its signature in this request; none where it needs values that only its user knows.
fn stands_there(subject: &Subject<'_>, id: &str) -> Option<Scheme> {
    let scheme = Scheme::builtin(id).ok()?;
    let is_there = |place: &Selector| match place.header() {
        Some(name) => {
            let names = scheme.names_of(name.as_str());
            subject
                .request
                .headers
                .iter()
                .any(|(known, _)| name.is(known) || names.iter().any(|other| other.is(known)))
        }
        None => true,
    };
    scheme.signature.from.iter().any(is_there).then_some(scheme)
}

fn keys(scheme: &Scheme, secrets: &[&str]) -> Option<Vec<SigningKey>> {
    let secrets = secrets.iter().filter_map(|text| Secret::new(text.trim()).ok());
    let keys: Vec<SigningKey> =
        secrets.filter_map(|secret| scheme.keys(&secret).ok()).flatten().collect();
    (!keys.is_empty()).then_some(keys)
}
