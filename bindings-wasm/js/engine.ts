// The border to the small core, as `engine/src/border.rs` says it: texts and bytes one behind the other, each behind its
// length, in memory that the core owns.
import errors from "#errors";
import { WebhookError } from "../../bindings-js/error.js";

/** What the wasm gives; calls return where their output is. */
interface Core {
  readonly memory: WebAssembly.Memory;
  /** Makes room and says where. */
  input(length: number): number;
  open(length: number, toleranceSeconds: number): number;
  close(webhook: number): void;
  verify(webhook: number, length: number, nowMs: number): number;
  keys(webhook: number): number;
  signed(webhook: number, length: number, nowMs: number): number;
}

export type Text = string | undefined;

const ABSENT = 0xffff_ffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export let core: Core;
let bytes: Uint8Array;
let view: DataView;
let start = 0;
let at = 0;
let capacity = 0;

/** Makes the core run. Compiling is what the entries differ in; this part is synchronous everywhere. */
export function run(module: WebAssembly.Module): void {
  core = new WebAssembly.Instance(module).exports as unknown as Core;
  look();
}

/** How often an input was begun: whether the last one is still there. */
export let inputs = 0;

/** Begins an input of at most this many bytes. */
export function begin(room: number): void {
  if (room > capacity) {
    start = core.input(room);
    capacity = room;
  }
  at = start;
  inputs += 1;
  refresh();
}

/** Where memory has grown, the views of it are empty. */
function refresh(): void {
  if (bytes.length === 0) look();
}

function look(): void {
  bytes = new Uint8Array(core.memory.buffer);
  view = new DataView(core.memory.buffer);
}

/** The most bytes that a text takes. */
export function roomOf(text: Text): number {
  return 4 + 3 * (text?.length ?? 0);
}

export function putNumber(number: number): void {
  view.setUint32(at, number, true);
  at += 4;
}

export function putText(text: Text): void {
  if (text === undefined) return putNumber(ABSENT);
  const from = at + 4;
  let length = 0;
  // Mostly ASCII and short: quicker than the encoder.
  for (; length < text.length; length += 1) {
    const unit = text.charCodeAt(length);
    if (unit > 127) {
      length = encoder.encodeInto(text, bytes.subarray(from)).written;
      break;
    }
    bytes[from + length] = unit;
  }
  putNumber(length);
  at += length;
}

export function putTexts(texts: readonly string[]): void {
  for (const text of texts) putText(text);
}

export function putBytes(body: Uint8Array): void {
  putNumber(body.length);
  bytes.set(body, at);
  at += body.length;
}

/** Goes on behind an input of this length. */
export function behind(length: number): void {
  refresh();
  at = start + length;
}

/** How long the input is. */
export function length(): number {
  return at - start;
}

/** Wipes the input, which held secrets. */
export function wipe(): void {
  refresh();
  bytes.fill(0, start, at);
}

let output = 0;

/** Goes to the output of a call. */
export function answered(place: number): void {
  refresh();
  output = at = place;
  const number = takeNumber();
  if (number === ABSENT) return;
  const { code, meaning } = errors[number] ?? { code: "invalid_argument", meaning: "" };
  throw new WebhookError(code, meaning);
}

/** Wipes what was read of the output, which held keys. */
export function wipeOutput(): void {
  bytes.fill(0, output, at);
}

export function takeNumber(): number {
  at += 4;
  return view.getUint32(at - 4, true);
}

export function takeBytes(): Uint8Array | undefined {
  const length = takeNumber();
  if (length === ABSENT) return undefined;
  at += length;
  return bytes.slice(at - length, at);
}

export function takeText(): Text {
  const length = takeNumber();
  if (length === ABSENT) return undefined;
  at += length;
  return decoder.decode(bytes.subarray(at - length, at));
}

/** Two texts, decoded as one where they are ASCII: that is what takes the time. */
export function takeTwoTexts(): [Text, Text] {
  const [one, other] = [takeNumber(), takeNumber()];
  const cut = at + (one === ABSENT ? 0 : one);
  const end = cut + (other === ABSENT ? 0 : other);
  const both = decoder.decode(bytes.subarray(at, end));
  const isAscii = both.length === end - at;
  const first = isAscii ? both.slice(0, cut - at) : decoder.decode(bytes.subarray(at, cut));
  const second = isAscii ? both.slice(cut - at) : decoder.decode(bytes.subarray(cut, end));
  at = end;
  return [one === ABSENT ? undefined : first, other === ABSENT ? undefined : second];
}

/** A moment in milliseconds. */
export function takeMillis(): number | undefined {
  if (takeNumber() === ABSENT) return undefined;
  at += 8;
  return view.getFloat64(at - 8, true);
}
