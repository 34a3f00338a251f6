//! The method of the request, where it is signed.

use std::ops::ControlFlow;

use super::cause::Cause;
use super::subject::{Change, Part, Subject, Visit};
use crate::error::clip;

pub(super) fn changes(subject: &Subject<'_>, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let given = subject.request.method;
    for method in METHODS.into_iter().filter(|method| *method != given) {
        let message = format!("the method that was signed is `{method}`, not `{}`", clip(given));
        visit(Change::new(Cause::WrongMethod, message, Part::Method(method)))?;
    }
    ControlFlow::Continue(())
}

const METHODS: [&str; 6] = ["POST", "GET", "PUT", "PATCH", "DELETE", "HEAD"];
