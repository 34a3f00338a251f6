//! The type that an event of a source gets.

use crate::{
    store::{Source, SourceSettings},
    subscription,
};

/// `<prefix>.<the sender's type>`, or the name that the source gives to that type. What cannot stand in a type becomes
/// `_`; without a type it is `received`.
pub(super) fn event_name(source: &Source, said: Option<&str>) -> String {
    let SourceSettings { event_prefix, event_types, .. } = &source.settings;
    if let Some(name) = said.and_then(|said| event_types.get(said)) {
        return name.clone();
    }
    let prefix = event_prefix.as_deref().unwrap_or(&source.name);
    let said = said.filter(|said| !said.is_empty()).unwrap_or(UNNAMED);
    let mut name = String::with_capacity(prefix.len() + said.len() + 1);
    if !prefix.is_empty() {
        name.push_str(prefix);
        name.push('.');
    }
    name.extend(said.chars().map(|c| if fits(c) { c } else { '_' }).take(MAX_LEN - name.len()));
    // The server's own events come from the server.
    if subscription::is_operational(&name) {
        name.insert(0, '_');
        name.truncate(MAX_LEN);
    }
    name
}

const fn fits(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/')
}

const UNNAMED: &str = "received";
/// Of a type; prefixes are shorter.
const MAX_LEN: usize = 128;

#[cfg(test)]
mod tests {
    use hookseal::EventType;

    use super::*;
    use crate::store::{AccountKey, SourceKey, SourceState};

    fn source(prefix: Option<&str>) -> Source {
        Source {
            key: SourceKey(1),
            account: AccountKey(1),
            tenant: None,
            name: "billing".to_owned(),
            scheme: String::new(),
            state: SourceState::Active,
            settings: SourceSettings {
                event_prefix: prefix.map(str::to_owned),
                event_types: [("a b".to_owned(), "deposit.confirmed".to_owned())].into(),
                ..SourceSettings::default()
            },
            sealed: Vec::new(),
            version: 1,
        }
    }

    #[test]
    fn a_name_is_always_a_type() {
        let long = "é".repeat(200);
        for (prefix, said, name) in [
            (None, Some("invoice.paid"), "billing.invoice.paid"),
            (None, None, "billing.received"),
            (None, Some(""), "billing.received"),
            (None, Some("a b"), "deposit.confirmed"),
            (Some("acme.pay"), Some("Charge — OK"), "acme.pay.Charge___OK"),
            (Some(""), Some("push"), "push"),
            (Some(""), Some("hookseal.endpoint.disabled"), "_hookseal.endpoint.disabled"),
            (Some("p"), Some(&long), &format!("p.{}", "_".repeat(126))),
        ] {
            let found = event_name(&source(prefix), said);
            assert_eq!(found, name);
            EventType::parse(&found).unwrap();
        }
    }
}
