//! What the bodies look like: one envelope per system, each mapped to and from the one [`Event`].
//!
//! **Invariants.** Unknown members are kept, in `extra`. What an envelope cannot hold (an id, a tenant) is given beside
//! it, never invented. Source of the four systems' envelopes: their webhook documentation.

mod ainative;
mod cloudevent;
mod data;
mod luma;
mod naive;
mod nativemsg;
mod object;
mod standard;
mod yativo;

pub use ainative::{
    AgentTaskComplete, AinativeEnvelope, AinativeEvent, McpServerReady, MemoryConsolidated,
    MemoryStored, VectorsIndexed,
};
pub use cloudevent::{Attribute, CloudEvent, CloudEventData, ContentMode};
pub use luma::{GuestRegistered, GuestStatus, LumaEnvelope, LumaEvent, LumaGathering};
pub use naive::{ApprovalResolved, ApprovalStatus, EmailReceived, NaiveEnvelope, NaiveEvent};
pub use nativemsg::{
    MessageReceived, MessageSent, MessageStatus, NativemsgEnvelope, NativemsgEvent,
    NativemsgMessage, NativemsgUser, UserCreated,
};
pub use object::Object;
pub use standard::StandardEnvelope;
pub use yativo::{YativoEnvelope, YativoEvent};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::{Error, ErrorCode};
use crate::event::Event;
use object::{invalid, raw};

/// Which envelope a body has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnvelopeKind {
    /// [`AinativeEnvelope`].
    Ainative,
    /// [`NaiveEnvelope`].
    Naive,
    /// [`NativemsgEnvelope`], before its signature is inserted.
    Nativemsg,
    /// [`StandardEnvelope`].
    Standard,
    /// [`YativoEnvelope`].
    Yativo,
}

impl EnvelopeKind {
    /// The body that says `event` in this envelope, as compact JSON.
    ///
    /// # Errors
    /// `invalid_event` when the event has what the envelope cannot say.
    pub fn encode(self, event: &Event) -> Result<Vec<u8>, Error> {
        let len = event.data.get().len();
        match self {
            Self::Ainative => to_bytes(&AinativeEnvelope::from_event(event)?, len),
            Self::Naive => to_bytes(&NaiveEnvelope::from_event(event)?, len),
            Self::Nativemsg => to_bytes(&NativemsgEnvelope::from_event(event)?, len),
            Self::Standard => to_bytes(&StandardEnvelope::from_event(event)?, len),
            Self::Yativo => to_bytes(&YativoEnvelope::from_event(event)?, len),
        }
    }

    /// The event that `body` says. `id` is the `webhook-id` of the request, for envelopes that hold none.
    ///
    /// # Errors
    /// `invalid_payload` when the body is not this envelope; the message names the member.
    pub fn decode(self, body: &[u8], id: &str) -> Result<Event, Error> {
        let object = Object::parse(body)?;
        match self {
            Self::Ainative => AinativeEnvelope::try_from(object)?.into_event(id),
            Self::Naive => NaiveEnvelope::try_from(object)?.into_event(id),
            Self::Nativemsg => NativemsgEnvelope::try_from(object)?.into_event(id),
            Self::Standard => StandardEnvelope::try_from(object)?.into_event(id),
            Self::Yativo => YativoEnvelope::try_from(object)?.into_event(),
        }
    }
}

/// With room for so many bytes of data from the beginning, which are most of it.
fn to_bytes(envelope: &impl Serialize, data_len: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(data_len + ENVELOPE_ROOM);
    serde_json::to_writer(&mut bytes, envelope)
        .map_err(|error| invalid(format!("envelope cannot be written: {error}")))?;
    Ok(bytes)
}

/// Longer than most envelopes without their data.
const ENVELOPE_ROOM: usize = 256;

/// The data of an event as an object.
fn data_of(event: &Event) -> Result<Object, Error> {
    Object::parse(event.data.get().as_bytes())
        .map_err(|error| Error::new(ErrorCode::InvalidEvent, format!("data: {error}")))
}

/// Puts the tenant of an event into `data`, where the envelope has its place for it.
fn set_tenant(data: &mut Object, member: &str, tenant: Option<&str>) -> Result<(), Error> {
    let value = raw(&tenant)?;
    match data.get(member) {
        Some(present) if present.get() != value.get() => Err(Error::new(
            ErrorCode::InvalidEvent,
            format!(
                "data has a member `{member}` that is not the tenant of the event; pass it as `tenant`"
            ),
        )),
        _ => {
            data.set(member, value);
            Ok(())
        }
    }
}

/// A string member, or none when it is null or absent.
fn optional_string(value: Option<&RawValue>, member: &str) -> Result<Option<String>, Error> {
    let Some(value) = value else { return Ok(None) };
    serde_json::from_str(value.get())
        .map_err(|_| invalid(format!("member `{member}` is not a string or null")))
}

#[cfg(test)]
mod tests;
