// Makes a wasm smaller: a panic traps at once, without the message that nobody would read. `wasm-opt` then removes what
// only messages needed; their texts, which it cannot tell from other data, are made zeros, which it leaves out. Rust has an
// option for this (`-Cpanic=immediate-abort`), but not yet in stable releases.

/** Begins of the names of functions that begin a panic. None of them ever returns. */
const PANICS =
  /core9panicking|core\.\.panicking|core6option(13expect_failed|13unwrap_failed)|core6result13unwrap_failed|5slice5index.*(fail|panic)|slice_error_fail|copy_from_slice_impl.*len_mismatch|panic_const|panic_fmt|5alloc7raw_vec(12handle_error|17capacity_overflow)|5alloc5alloc18handle_alloc_error|3std9panicking|3std5alloc(8rust_oom|24default_alloc_error_hook)|rust_oom|handle_error|capacity_overflow|panic_access_error|panic_already|panic_bounds|panic_cold|_fail(ed)?(_rt)?$/;

/**
 * Texts of panics as they lie in the data: the names of source files, and the sentences around what is put in. None is a
 * text that the core itself reads.
 */
const TEXTS =
  /[ -~]+\.rs(?=\0)|slice index starts at |range (start|end) index | but ends at | out of range for slice of length |cannot access a Thread Local Storage value during or after destruction: |copy_from_slice: source slice length \(|does not match destination slice length \(|(?:\d\d){100}|attempt to (?:add|subtract|multiply) with |overflow|RefCell already (?:mutably )?borrowed|assertion failed: self\.is_char_boundary\(new_len\)|mid > len|capacity overflow|AccessError/g;

/** A body without local variables: `unreachable`, `end`. */
const TRAP = [3, 0, 0x00, 0x0b];

/** The same wasm with a trap in place of each panic. It needs its name section. */
export function trim(bytes) {
  const sections = read(bytes);
  const names = functionNames(sections);
  const imports = importedFunctions(sections);
  const out = [bytes.subarray(0, 8)];
  for (const { id, start, end } of sections) {
    if (id !== 10) {
      out.push(id === 11 ? withoutTexts(bytes.subarray(start, end)) : bytes.subarray(start, end));
      continue;
    }
    const code = new Cursor(bytes, start + 1);
    code.number();
    const count = code.number();
    const bodies = [Uint8Array.from(leb(count))];
    for (let index = 0; index < count; index += 1) {
      const from = code.at;
      const length = code.number();
      code.at += length;
      const isPanic = PANICS.test(names.get(imports + index) ?? "");
      bodies.push(isPanic ? Uint8Array.from(TRAP) : bytes.subarray(from, code.at));
    }
    out.push(Uint8Array.from([10, ...leb(bodies.reduce((sum, body) => sum + body.length, 0))]), ...bodies);
  }
  return Buffer.concat(out);
}

/** The data with zeros for the texts of panics. Nothing moves: what else lies there stays where it is. */
function withoutTexts(data) {
  const blank = Buffer.from(data);
  for (const { 0: text, index } of blank.toString("latin1").matchAll(TEXTS)) blank.fill(0, index, index + text.length);
  return blank;
}

class Cursor {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128. */
  number() {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      number |= (byte & 127) << shift;
      if (byte < 128) return number >>> 0;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return Buffer.from(this.bytes.subarray(this.at - length, this.at)).toString();
  }
}

function leb(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return [...bytes, number];
}

function read(bytes) {
  const sections = [];
  for (const cursor = new Cursor(bytes, 8); cursor.at < bytes.length; ) {
    const start = cursor.at;
    const id = cursor.byte();
    const length = cursor.number();
    const content = new Cursor(bytes, cursor.at);
    cursor.at += length;
    sections.push({ id, start, content, end: cursor.at });
  }
  return sections;
}

function functionNames(sections) {
  const names = new Map();
  for (const { id, content, end } of sections) {
    if (id !== 0 || content.text() !== "name") continue;
    while (content.at < end) {
      const kind = content.byte();
      const length = content.number();
      const next = content.at + length;
      if (kind === 1) for (let left = content.number(); left > 0; left -= 1) names.set(content.number(), content.text());
      content.at = next;
    }
  }
  if (names.size === 0) throw new Error("the wasm has no names: build it with `strip = \"debuginfo\"`");
  return names;
}

/** The engine imports nothing: the first function is the first body. */
function importedFunctions(sections) {
  if (sections.some(({ id }) => id === 2)) throw new Error("the engine imports something");
  return 0;
}
