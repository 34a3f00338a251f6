//! The heap: a twentieth of the code of the usual one.
//!
//! **Invariants.** A block has a power of two of bytes, is aligned to it up to a page, and stays in its size: freed, it
//! is the next one of that size. The memory is this module's alone from the linker's `__heap_base` on, and there is one
//! thread: wasm without `atomics` has no other.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::null_mut;

/// The smallest block holds two pointers: 2 to the power of this.
const SMALLEST: u32 = 4;
const PAGE: usize = 64 * 1024;

struct Heap {
    /// For each power of two, the first free block; in it stands the next one.
    free: [Cell<*mut u8>; 32],
    /// What was never given out: from here to the end of the memory.
    rest: Cell<usize>,
}

// SAFETY: there is one thread.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap { free: [const { Cell::new(null_mut()) }; 32], rest: Cell::new(0) };

unsafe extern "C" {
    /// Where the linker's data ends.
    static __heap_base: u8;
}

// SAFETY: blocks are disjoint, as large as asked for, and aligned to their size; see `grow`.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let power = power_of(layout);
        let Some(free) = self.free.get(power as usize) else { return null_mut() };
        let block = free.get();
        if block.is_null() {
            return self.grow(1 << power);
        }
        // SAFETY: a free block holds the address of the next one, or null.
        free.set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(free) = self.free.get(power_of(layout) as usize) else { return };
        // SAFETY: the block came from `alloc`, has room for a pointer, and is nobody's any more.
        unsafe { block.cast::<*mut u8>().write(free.get()) };
        free.set(block);
    }
}

/// The power of two that has room for it.
fn power_of(layout: Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    (size - 1).ilog2() + 1
}

impl Heap {
    #[cold]
    fn grow(&self, size: usize) -> *mut u8 {
        if self.rest.get() == 0 {
            self.rest.set((&raw const __heap_base).addr());
        }
        // Nothing asks for more than the alignment of a page.
        let start = self.rest.get().next_multiple_of(size.min(PAGE));
        let Some(end) = start.checked_add(size) else { return null_mut() };
        let missing = end.saturating_sub(memory_size(0) * PAGE);
        if missing > 0 && memory_grow(0, missing.div_ceil(PAGE)) == usize::MAX {
            return null_mut();
        }
        self.rest.set(end);
        std::ptr::with_exposed_provenance_mut(start)
    }
}
