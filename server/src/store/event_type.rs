//! Types of events that an account registered, with the schemas of their data.

use hookseal::Timestamp;

/// A type of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypeRecord {
    /// What events of it say under `type`.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// It is not to be used any more.
    pub archived: bool,
    /// That of its newest schema; 0 where it has none.
    pub version: u32,
    /// JSON that fits the newest schema.
    pub example: Option<String>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A type with its newest schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTypeDetail {
    /// The type.
    pub record: EventTypeRecord,
    /// JSON; `None` where it has no schema.
    pub schema: Option<String>,
}

impl EventTypeDetail {
    /// Does what a change says.
    pub(super) fn change(&mut self, change: &EventTypeChange) {
        if let Some(description) = &change.description {
            self.record.description.clone_from(description);
        }
        self.record.archived = change.archived.unwrap_or(self.record.archived);
        if let Some(example) = &change.example {
            self.record.example.clone_from(example);
        }
        if change.schema.is_some() && change.schema != self.schema {
            self.schema.clone_from(&change.schema);
            self.record.version += 1;
        }
    }
}

/// A change of a type; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct EventTypeChange {
    /// Another text, or none.
    pub description: Option<Option<String>>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// Another example, or none.
    pub example: Option<Option<String>>,
    /// The schema of a new version; none is made of the schema that it has.
    pub schema: Option<String>,
}

/// What became of a type that was to be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It is there now.
    New,
    /// It was there before, and stays as it was.
    Known,
    /// The account has as many as it may have.
    Full,
}
