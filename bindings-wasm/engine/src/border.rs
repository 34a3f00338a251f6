//! What crosses the border: texts and bytes, one behind the other, each behind its length.
//!
//! **Invariants.** The memory that JavaScript writes to is owned here, and lives until it asks for more of it. Lengths
//! are little-endian numbers of 32 bits; [`ABSENT`] stands for a text that is not there. What was written is read to its
//! end and never beyond. A call wipes its input where that held secrets.

use std::cell::RefCell;

use hookseal::{Error, ErrorCode};

/// The length of what is absent, and the number of no error.
const ABSENT: u32 = u32::MAX;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for `len` bytes and says where.
// SAFETY: the name is not used by anything else that is linked.
#[unsafe(no_mangle)]
extern "C" fn input(len: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        if input.len() < len {
            // What was there is not wanted: growing would copy it.
            *input = Vec::new();
            input.resize(len, 0);
        }
        input.as_mut_ptr()
    })
}

/// The first `len` bytes of the input.
pub(crate) struct Input<'i>(&'i [u8]);

impl<'i> Input<'i> {
    pub(crate) fn bytes(&mut self) -> Option<&'i [u8]> {
        let len = self.number()?;
        if len == ABSENT {
            return None;
        }
        let (bytes, rest) = self.0.split_at_checked(len as usize)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    /// A text; none where it is absent. JavaScript writes UTF-8.
    pub(crate) fn text(&mut self) -> Option<&'i str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// Name and value, again and again, behind their number.
    pub(crate) fn pairs(&mut self) -> Vec<(&'i str, &'i str)> {
        let count = self.number().unwrap_or_default();
        (0..count).map_while(|_| Some((self.text()?, self.text()?))).collect()
    }
}

/// What a call gives back.
pub(crate) struct Output<'o>(&'o mut Vec<u8>);

impl Output<'_> {
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

    /// Two texts behind the lengths of both, so that they can be taken as one.
    pub(crate) fn two_texts(&mut self, texts: [Option<&str>; 2]) {
        for text in texts {
            self.number(text.map_or(ABSENT, |text| text.len() as u32));
        }
        for text in texts {
            self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
        }
    }
}

/// What a call does with its input.
pub(crate) type Run<'r> = dyn FnMut(&mut Input<'_>, &mut Output<'_>) -> Result<(), Error> + 'r;

/// Runs a call over the first `len` bytes of the input: where the output is. It begins with the number of an error among
/// [`ErrorCode::ALL`], behind which nothing stands, or that of none.
pub(crate) fn call(len: usize, run: &mut Run<'_>) -> *const u8 {
    INPUT.with_borrow(|input| {
        OUTPUT.with_borrow_mut(|output| {
            output.clear();
            Output(output).number(ABSENT);
            let input = input.get(..len).unwrap_or_default();
            if let Err(error) = run(&mut Input(input), &mut Output(output)) {
                output.clear();
                Output(output).number(error.code() as u32);
            }
            output.as_ptr()
        })
    })
}

/// What the glue would have to be wrong for.
#[cold]
pub(crate) fn misused() -> Error {
    Error::new(ErrorCode::InvalidArgument, "the core was not called as it has to be")
}
