//! A guest of Luma as a contact of Resend.

use hookseal::payload::Object;
use serde::Serialize;

use crate::error::{ApiCode, ApiError};

/// The body that Resend takes. Source: <https://resend.com/docs/api-reference/contacts/create-contact>.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Contact {
    email: String,
    first_name: String,
    last_name: String,
    unsubscribed: bool,
}

impl Contact {
    /// Reads the data of `guest.registered`. The names are those that the guest gave, or else the parts of the whole name.
    ///
    /// # Errors
    /// `invalid_argument` without a usable address.
    pub(super) fn of_guest(data: &Object) -> Result<Self, ApiError> {
        let text = |name: &str| data.get_str(name).map(|text| text.trim().to_owned());
        let given = |name: &str| text(name).filter(|text| !text.is_empty());
        let email = text("user_email").filter(|email| is_address(email)).ok_or_else(|| {
            let message = "user_email is not an email address, expected that of the guest";
            ApiError::new(ApiCode::InvalidArgument, message).in_field("data/user_email")
        })?;
        let (first_name, last_name) = match (given("user_first_name"), given("user_last_name")) {
            (None, None) => parts(&given("user_name").unwrap_or_default()),
            (first, last) => (first.unwrap_or_default(), last.unwrap_or_default()),
        };
        Ok(Self { email, first_name, last_name, unsubscribed: false })
    }

    /// By what a guest is known: no two people share an address in two spellings.
    pub(super) fn name(&self) -> String {
        self.email.to_lowercase()
    }
}

/// The first word, and the others.
fn parts(name: &str) -> (String, String) {
    let (first, rest) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    (first.to_owned(), rest.trim().to_owned())
}

/// Resend knows better; what this refuses is no address at all (RFC 5321 §4.5.3.1).
fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(guest: &serde_json::Value) -> Result<(String, String, String), ApiError> {
        let contact = Contact::of_guest(&Object::parse(guest.to_string().as_bytes()).unwrap())?;
        assert!(!contact.unsubscribed);
        Ok((contact.email, contact.first_name, contact.last_name))
    }

    #[test]
    fn names_are_taken_as_given_or_from_the_whole_name() {
        for (guest, first, last) in [
            (
                json!({ "user_first_name": "Ada", "user_last_name": "Lovelace", "user_name": "x y" }),
                "Ada",
                "Lovelace",
            ),
            (
                json!({ "user_first_name": null, "user_last_name": "", "user_name": " Ada  King Lovelace " }),
                "Ada",
                "King Lovelace",
            ),
            (json!({ "user_first_name": "Ada", "user_name": "Ada Lovelace" }), "Ada", ""),
            (json!({ "user_name": "Cher" }), "Cher", ""),
            (json!({}), "", ""),
        ] {
            let mut guest = guest;
            guest["user_email"] = json!(" Ada@example.com ");
            let expected = ("Ada@example.com".to_owned(), first.to_owned(), last.to_owned());
            assert_eq!(contact(&guest).unwrap(), expected, "{guest}");
        }
    }

    #[test]
    fn without_an_address_there_is_no_contact() {
        for email in [
            json!(null),
            json!(""),
            json!("ada"),
            json!("@x"),
            json!("a@"),
            json!("a b@c"),
            json!(7),
        ] {
            assert!(contact(&json!({ "user_email": email })).is_err(), "{email}");
        }
        assert!(contact(&json!({})).is_err());
    }
}
