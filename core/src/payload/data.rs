//! The data of events by their type: a struct per type, an enum per system. Macros, because eighteen types that differ
//! only in their members would otherwise be eighteen copies of the same four functions.
//!
//! **Invariants.** A struct holds the members that the sender's page names, and all others in `extra`. A type that this
//! version does not know is a variant too: a new event type never fails.

/// Declares the data of one event type. A member that may be absent is an `Option`.
macro_rules! data {
    ($(
        $(#[$doc:meta])*
        $name:ident { $($(#[$member_doc:meta])* $member:ident as $key:literal: $kind:ty,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(try_from = "crate::payload::Object")]
        pub struct $name {
            $($(#[$member_doc])* #[serde(rename = $key)] pub $member: $kind,)*
            /// Members that this version does not know.
            #[serde(flatten)]
            pub extra: crate::payload::Object,
        }

        impl TryFrom<crate::payload::Object> for $name {
            type Error = crate::error::Error;

            fn try_from(mut object: crate::payload::Object) -> Result<Self, Self::Error> {
                Ok(Self { $($member: object.member($key)?,)* extra: object })
            }
        }
    )*};
}

/// Declares the events of one system: the name of each type, its variant and its data.
macro_rules! events {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $type:literal => $variant:ident($data:ty),)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant($data),)*
            /// A type that this version does not know.
            Other {
                /// The type.
                event_type: crate::event::EventType,
                /// The data, as it came.
                data: crate::payload::Object,
            },
        }

        impl $name {
            /// The types that have a variant.
            pub const TYPES: &'static [&'static str] = &[$($type,)*];

            /// Reads the data of an event of this type.
            ///
            /// # Errors
            /// `invalid_payload` when a member that this type always has is absent, or one is of another kind.
            pub fn read(
                event_type: &crate::event::EventType,
                data: crate::payload::Object,
            ) -> Result<Self, crate::error::Error> {
                Ok(match event_type.as_str() {
                    $($type => Self::$variant(data.try_into().map_err(crate::error::Error::from)?),)*
                    _ => Self::Other { event_type: event_type.clone(), data },
                })
            }

            /// The type.
            #[must_use]
            pub fn event_type(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $type,)*
                    Self::Other { event_type, .. } => event_type.as_str(),
                }
            }

            /// The data as JSON, for [`Event::data`](crate::Event::data).
            ///
            /// # Errors
            /// `invalid_payload` when `extra` repeats a member.
            pub fn data(&self) -> Result<Box<serde_json::value::RawValue>, crate::error::Error> {
                let data = match self {
                    $(Self::$variant(data) => crate::payload::object::raw(data),)*
                    Self::Other { data, .. } => crate::payload::object::raw(data),
                }?;
                crate::payload::Object::parse(data.get().as_bytes()).map(|_| data)
            }

            /// The schema of each type's data.
            #[cfg(feature = "schema")]
            pub(crate) fn schemas(
                generator: &mut schemars::SchemaGenerator,
            ) -> Vec<(&'static str, schemars::Schema)> {
                vec![$(($type, generator.subschema_for::<$data>()),)*]
            }
        }

        impl TryFrom<&crate::event::Event> for $name {
            type Error = crate::error::Error;

            fn try_from(event: &crate::event::Event) -> Result<Self, Self::Error> {
                let data = crate::payload::Object::parse(event.data.get().as_bytes())?;
                Self::read(&event.event_type, data)
            }
        }
    };
}

/// An [`Object`](super::Object) is data too, where the page names no members: it is never refused.
impl From<std::convert::Infallible> for crate::error::Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

pub(crate) use {data, events};
