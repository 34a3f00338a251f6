//! The heap: what a call or a webhook takes, it gives back as a whole.
//!
//! **Invariants.** Memory is given out from [`Arena`]s, and nothing that is dropped is given back alone: the code of every
//! drop would take more room than the memory that it saves. What an arena gives back is wiped. Its chunks have a power of
//! two of bytes and stay in their size: given back, one is the next of that size. The memory is this module's alone from
//! the linker's `__heap_base` on, and there is one thread: wasm without `atomics` has no other.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size, unreachable};
use std::cell::Cell;
use std::ptr::{null_mut, with_exposed_provenance_mut as at};

/// The smallest chunk, as a power of two: a webhook fits into one.
const SMALLEST: u32 = 11;
const PAGE: usize = 64 * 1024;
/// At the begin of a chunk: the one before it in its arena, and its size.
const HEAD: usize = size_of::<Head>();

#[repr(C, align(16))]
struct Head {
    before: *mut Head,
    power: u32,
}

/// Chunks that are given back together.
pub(crate) struct Arena(*mut Head);

struct Heap {
    /// For each power of two, the first free chunk; in it stands the next one.
    free: [Cell<*mut Head>; 32],
    /// What was never given out: from here to the end of the memory.
    rest: Cell<usize>,
    /// The last chunk of the arena that is being filled.
    last: Cell<*mut Head>,
    /// What is free of it.
    from: Cell<usize>,
    to: Cell<usize>,
}

// SAFETY: there is one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap {
    free: [const { Cell::new(null_mut()) }; 32],
    rest: Cell::new(0),
    last: Cell::new(null_mut()),
    from: Cell::new(0),
    to: Cell::new(0),
};

unsafe extern "C" {
    /// Where the linker's data ends.
    static __heap_base: u8;
}

// SAFETY: blocks are disjoint, as large as asked for, and aligned: chunks are, and what is free of them begins where the
// alignment says.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.from.get().next_multiple_of(layout.align());
        let Some(end) = start.checked_add(layout.size()) else { return null_mut() };
        if end > self.to.get() {
            return self.alloc_beyond(layout);
        }
        self.from.set(end);
        at(start)
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

impl Heap {
    /// Goes on in another chunk.
    #[cold]
    fn alloc_beyond(&self, layout: Layout) -> *mut u8 {
        let Some(size) = layout.size().checked_add(HEAD) else { return null_mut() };
        if layout.align() > HEAD {
            return null_mut();
        }
        let chunk = take(size);
        if chunk.is_null() {
            return null_mut();
        }
        // SAFETY: the chunk has room for its head.
        unsafe { (*chunk).before = self.last.replace(chunk) };
        let start = chunk.addr() + HEAD;
        self.from.set(start + layout.size());
        // SAFETY: it has its head.
        self.to.set(chunk.addr() + (1 << unsafe { (*chunk).power }));
        at(start)
    }
}

/// A chunk with room for `size` bytes, its head included; null where there is no more memory.
fn take(size: usize) -> *mut Head {
    let power = (size.max(1 << SMALLEST) - 1).ilog2() + 1;
    let Some(free) = HEAP.free.get(power as usize) else { return null_mut() };
    let mut chunk = free.get();
    if chunk.is_null() {
        chunk = at(grow(1 << power));
    } else {
        // SAFETY: a free chunk has its head, in which the next one stands.
        free.set(unsafe { (*chunk).before });
    }
    if !chunk.is_null() {
        // SAFETY: the chunk is nobody's, and has room for its head.
        unsafe { chunk.write(Head { before: null_mut(), power }) };
    }
    chunk
}

/// A buffer with room for `len` bytes, in place of one at `start` with this much room, whose content is not wanted: where
/// it is, and its room. Traps where there is no more memory.
pub(crate) fn buffer(start: *mut u8, room: usize, len: usize) -> (*mut u8, usize) {
    if len <= room {
        return (start, room);
    }
    let chunk = take(len + HEAD);
    if chunk.is_null() {
        unreachable();
    }
    if !start.is_null() {
        Arena(start.wrapping_byte_sub(HEAD).cast()).give_back();
    }
    // SAFETY: the chunk has its head.
    (chunk.wrapping_byte_add(HEAD).cast(), (1 << unsafe { (*chunk).power }) - HEAD)
}

/// Where `size` more bytes are; 0 where there are none.
fn grow(size: usize) -> usize {
    if HEAP.rest.get() == 0 {
        HEAP.rest.set((&raw const __heap_base).addr().next_multiple_of(HEAD));
    }
    let start = HEAP.rest.get();
    let Some(end) = start.checked_add(size) else { return 0 };
    let missing = end.saturating_sub(memory_size(0) * PAGE);
    if missing > 0 && memory_grow(0, missing.div_ceil(PAGE)) == usize::MAX {
        return 0;
    }
    HEAP.rest.set(end);
    start
}

impl Arena {
    pub(crate) const NONE: Self = Self(null_mut());

    /// What was taken since the last time: who has it gives it back.
    pub(crate) fn taken() -> Self {
        HEAP.from.set(0);
        HEAP.to.set(0);
        Self(HEAP.last.replace(null_mut()))
    }

    /// Wipes all of it and gives it back.
    pub(crate) fn give_back(self) {
        let Self(mut chunk) = self;
        while !chunk.is_null() {
            // SAFETY: the chunks of an arena have their heads, and nobody has what is in them any more.
            unsafe {
                let Head { before, power } = chunk.read();
                chunk.cast::<u8>().write_bytes(0, 1 << power);
                if let Some(free) = HEAP.free.get(power as usize) {
                    (*chunk).before = free.replace(chunk);
                }
                chunk = before;
            }
        }
    }
}
