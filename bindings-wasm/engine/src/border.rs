//! What crosses the border: texts and bytes, one behind the other, each behind its length.
//!
//! **Invariants.** The memory that JavaScript writes to is owned here, and lives until it asks for more of it. Lengths
//! are little-endian numbers of 32 bits; [`ABSENT`] stands for a text that is not there. What was written is read to its
//! end and never beyond. What a call gives back is there until the next one.

use std::cell::Cell;
use std::ptr::null_mut;

use hookseal::{Error, ErrorCode};

use crate::heap::{Arena, buffer};

/// The length of what is absent.
const ABSENT: u32 = u32::MAX;

thread_local! {
    static INPUT: Cell<(*mut u8, usize)> = const { Cell::new((null_mut(), 0)) };
}

/// Makes room for `len` bytes and says where; what was there is gone. Traps where there is no more memory.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn input(len: usize) -> *mut u8 {
    INPUT.with(|input| {
        let (start, room) = input.get();
        let (start, room) = buffer(start, room, len);
        input.set((start, room));
        start
    })
}

/// What JavaScript wrote into the input.
pub(crate) struct Input<'i>(&'i [u8]);

impl<'i> Input<'i> {
    pub(crate) fn bytes(&mut self) -> Option<&'i [u8]> {
        let len = self.number();
        let (bytes, rest) = self.0.split_at_checked(len as usize)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn number(&mut self) -> u32 {
        let Some((number, rest)) = self.0.split_first_chunk() else { return ABSENT };
        self.0 = rest;
        u32::from_le_bytes(*number)
    }

    /// A text; none where it is absent. JavaScript writes UTF-8.
    pub(crate) fn text(&mut self) -> Option<&'i str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

/// What a call gives back.
#[derive(Default)]
pub(crate) struct Output(Vec<u8>);

impl Output {
    pub(crate) fn bytes(&mut self, bytes: Option<&[u8]>) {
        self.number(bytes.map_or(ABSENT, |bytes| bytes.len() as u32));
        self.0.extend_from_slice(bytes.unwrap_or_default());
    }

    pub(crate) fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: Option<&str>) {
        self.bytes(text.map(str::as_bytes));
    }

    /// Where it stands, for JavaScript to read.
    pub(crate) fn place(self) -> f64 {
        self.0.leak().as_ptr().addr() as f64
    }
}

/// What a call does with its input.
pub(crate) type Run<'r> = dyn FnMut(&mut Input<'_>) -> Result<f64, Error> + 'r;

/// Runs a call over the first `len` bytes of the input, and gives back what it does, or the number of an error among
/// [`ErrorCode::ALL`]: below zero, from minus one on.
pub(crate) fn call(len: usize, run: &mut Run<'_>) -> f64 {
    // What the last call gave back was read.
    Arena::taken().give_back();
    let (start, room) = INPUT.get();
    let input = if len > room || start.is_null() {
        &[]
    } else {
        // SAFETY: the input has as much room, and JavaScript does not write while this runs.
        unsafe { std::slice::from_raw_parts(start, len) }
    };
    run(&mut Input(input)).unwrap_or_else(|error| -1.0 - f64::from(error.code() as u32))
}

/// What the glue would have to be wrong for.
#[cold]
pub(crate) fn misused() -> Error {
    Error::new(ErrorCode::InvalidArgument, "the core was not called as it has to be")
}
