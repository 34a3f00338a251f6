//! The JSON Schemas of values that are written as text: for the document of the API.
//!
//! A field that holds such a text names the type here with `#[schemars(with = "…")]`.

use std::borrow::Cow;

use hookseal::Profile;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// Declares a schema by name; `inline` for those that are not worth a name of their own.
macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident: $inline:literal = $schema:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                $inline
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

schemas! {
    /// Any JSON object.
    AnyObject: true = json_schema!({ "type": "object", "additionalProperties": true });
    /// The id of an event: the caller's own, or one that the server made.
    EventId: true = json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9_:-]{1,128}$",
    });
    /// A type of events.
    EventTypeName: true = json_schema!({
        "type": "string",
        "pattern": "^[A-Za-z0-9._:/-]{1,128}$",
    });
    /// A type, the beginning of types with `.*`, or `*`.
    EventTypePattern: true = json_schema!({
        "type": "string",
        "pattern": "^([A-Za-z0-9._:/-]{1,128}(\\.\\*)?|\\*)$",
    });
    /// A moment.
    Moment: true = json_schema!({ "type": "string", "format": "date-time" });
    /// The name of a profile.
    ProfileName: false = json_schema!({
        "description": "How deliveries are written, signed and retried.",
        "type": "string",
        "enum": Profile::ALL.iter().map(|profile| profile.id).collect::<Vec<_>>(),
    });
    /// What keeps events in order.
    OrderingKey: true = text(255);
    /// A text that people chose, of up to 256 characters.
    ShortText: true = text(256);
    /// A text that people chose, of up to 1024 characters.
    LongText: true = text(1024);
    /// Where deliveries go.
    Url: true = json_schema!({ "type": "string", "format": "uri", "maxLength": 2048 });
}

/// Without control characters.
fn text(max: usize) -> Schema {
    json_schema!({
        "type": "string",
        "minLength": 1,
        "maxLength": max,
        "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]+$",
    })
}
