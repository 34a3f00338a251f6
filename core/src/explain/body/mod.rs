//! The body as it was before something on the way, or the receiver, changed it.

mod charset;
mod compressed;
mod edges;
mod form;
mod json;
mod reserialized;
mod style;
mod wrapping;

use std::ops::ControlFlow;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};

/// Larger bodies are tried without what stands around them only.
const MAX_LEN: usize = 1024 * 1024;

/// Takes bodies, each with the mistake that it undoes.
struct Bodies<'b, 'v> {
    body: &'b [u8],
    visit: &'b mut Visit<'v>,
}

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    if !subject.reads_body() {
        return ControlFlow::Continue(());
    }
    let mut bodies = Bodies { body: subject.request.body, visit };
    edges::changes(&mut bodies)?;
    if subject.request.body.len() > MAX_LEN {
        return ControlFlow::Continue(());
    }
    wrapping::changes(&mut bodies)?;
    compressed::changes(&mut bodies)?;
    reserialized::changes(&mut bodies)?;
    charset::changes(&mut bodies)?;
    form::changes(&mut bodies)
}

/// The name of the compression that a body begins like.
pub(super) fn compression(body: &[u8]) -> Option<&'static str> {
    compressed::name(body)
}

impl<'b> Bodies<'b, '_> {
    fn give(&mut self, cause: Cause, message: &str, body: impl Into<Vec<u8>>) -> ControlFlow<()> {
        let body = body.into();
        if body == self.body {
            return ControlFlow::Continue(());
        }
        (self.visit)(Change::new(cause, message, Part::Body(body)))
    }

    /// The body as text, where it is.
    fn text(&self) -> Option<&'b str> {
        std::str::from_utf8(self.body).ok()
    }
}
