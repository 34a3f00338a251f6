//! `{"event_type","occurred_at","data"}`; the tenant is `data.owner_id`, where the event has one.

use serde::{Deserialize, Serialize};

use super::data::{data, events};
use super::object::{Object, raw};
use super::{data_of, optional_string, set_tenant};
use crate::error::{Error, ErrorCode};
use crate::event::{Event, EventType};
use crate::timestamp::Timestamp;

const TENANT: &str = "owner_id";

/// The body of an ainative (ZeroDB) webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Object")]
pub struct AinativeEnvelope {
    /// The type of the event: `memory.stored`.
    pub event_type: EventType,
    /// When it happened: RFC 3339, UTC, seconds.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub occurred_at: String,
    /// The particulars.
    pub data: Object,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub extra: Object,
}

impl AinativeEnvelope {
    /// Writes an event into this envelope.
    ///
    /// # Errors
    /// `invalid_event` when the data is not an object, names another owner than the event, or one that is no string.
    pub fn from_event(event: &Event) -> Result<Self, Error> {
        let mut data = data_of(event)?;
        match &event.tenant {
            Some(tenant) => set_tenant(&mut data, TENANT, Some(tenant))?,
            // What cannot be read back is not written.
            None => optional_string(data.get(TENANT), TENANT)
                .map(drop)
                .map_err(|error| Error::new(ErrorCode::InvalidEvent, error.message()))?,
        }
        let occurred_at = event.time.to_rfc3339();
        Ok(Self {
            event_type: event.event_type.clone(),
            occurred_at,
            data,
            extra: Object::default(),
        })
    }

    /// When it happened.
    ///
    /// # Errors
    /// `malformed_timestamp`.
    pub fn time(&self) -> Result<Timestamp, Error> {
        Timestamp::parse_rfc3339(&self.occurred_at)
    }

    /// The event, typed.
    ///
    /// # Errors
    /// As [`AinativeEvent::read`].
    pub fn typed(&self) -> Result<AinativeEvent, Error> {
        AinativeEvent::read(&self.event_type, self.data.clone())
    }

    /// Reads the event out; `id` is the request's `webhook-id`.
    ///
    /// # Errors
    /// `malformed_timestamp`; `invalid_payload` when `owner_id` is neither a string nor null.
    pub fn into_event(self, id: &str) -> Result<Event, Error> {
        Ok(Event {
            id: id.to_owned(),
            time: self.time()?,
            event_type: self.event_type,
            tenant: optional_string(self.data.get(TENANT), TENANT)?,
            data: raw(&self.data)?,
        })
    }
}

impl TryFrom<Object> for AinativeEnvelope {
    type Error = Error;

    fn try_from(mut object: Object) -> Result<Self, Error> {
        Ok(Self {
            event_type: object.require_type("event_type")?,
            occurred_at: object.require("occurred_at", "a string")?,
            data: object.require("data", "an object")?,
            extra: object,
        })
    }
}

events! {
    /// An event of ainative (ZeroDB).
    AinativeEvent {
        /// An agent swarm task finished.
        "agent.task.complete" => AgentTaskComplete(AgentTaskComplete),
        /// An MCP server instance became available.
        "mcp.server.ready" => McpServerReady(McpServerReady),
        /// A memory consolidation cycle completed.
        "memory.consolidated" => MemoryConsolidated(MemoryConsolidated),
        /// A memory record was persisted.
        "memory.stored" => MemoryStored(MemoryStored),
        /// Vectors were indexed in the database.
        "vectors.indexed" => VectorsIndexed(VectorsIndexed),
    }
}

data! {
    /// The data of `agent.task.complete`.
    AgentTaskComplete {
        /// The id of the task, by which the API tells more about it.
        task_id as "task_id": String,
        /// How it ended: `completed`.
        status as "status": String,
        /// The kinds of agent that took part: `backend`, `qa`.
        #[serde(skip_serializing_if = "Option::is_none")]
        agent_types as "agent_types": Option<Vec<String>>,
        /// The user it belongs to, where the event has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner_id as "owner_id": Option<String>,
    }

    /// The data of `mcp.server.ready`.
    McpServerReady {
        /// The user it belongs to, where the event has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner_id as "owner_id": Option<String>,
    }

    /// The data of `memory.consolidated`.
    MemoryConsolidated {
        /// The user it belongs to, where the event has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner_id as "owner_id": Option<String>,
    }

    /// The data of `memory.stored`.
    MemoryStored {
        /// The user it belongs to, where the event has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner_id as "owner_id": Option<String>,
    }

    /// The data of `vectors.indexed`.
    VectorsIndexed {
        /// The user it belongs to, where the event has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        owner_id as "owner_id": Option<String>,
    }
}
