// The border to the small core, as `engine/src/border.rs` says it: texts and bytes one behind the other, each behind its
// length, in memory that the core owns.
import { WebhookError } from "../../bindings-js/error.js";
import { errors } from "./lite-errors.js";

/** What the wasm gives. Calls return where their output is or, below zero, which error there was. */
interface Core {
  readonly memory: WebAssembly.Memory;
  /** Makes room and says where. */
  input(length: number): number;
  open(length: number, toleranceSeconds: number): number;
  close(webhook: number): void;
  ask(webhook: number, length: number, what: number, nowMs: number): number;
}

/** What a webhook can be asked. */
export const KEYS = 0;
export const SIGNED = 1;
export const TOLD = 2;
export const VERDICT = 3;

export type Text = string | undefined;

const ABSENT = 0xffff_ffff;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const engines = new WeakMap<WebAssembly.Module, Engine>();

/** The one instance of a core, and what is written to it and read from it. */
export class Engine {
  readonly core: Core;
  bytes = new Uint8Array();
  view!: DataView;
  start = 0;
  at = 0;
  room = 0;

  /** Synchronous everywhere: compiling is what runtimes differ in. */
  static of(module: WebAssembly.Module): Engine {
    let engine = engines.get(module);
    if (!engine) engines.set(module, (engine = new Engine(module)));
    return engine;
  }

  constructor(module: WebAssembly.Module) {
    this.core = new WebAssembly.Instance(module).exports as unknown as Core;
  }

  /** Begins an input of at most this many bytes. */
  begin(room: number): void {
    if (room > this.room) this.start = this.core.input((this.room = room)) >>> 0;
    this.goTo(this.start);
  }

  /** Where memory has grown, the views of it are empty. */
  goTo(place: number): void {
    this.at = place;
    if (this.bytes.length > 0) return;
    this.bytes = new Uint8Array(this.core.memory.buffer);
    this.view = new DataView(this.core.memory.buffer);
  }

  number(number: number): void {
    this.view.setUint32(this.at, number, true);
    this.at += 4;
  }

  text(text: Text): void {
    if (text === undefined) return this.number(ABSENT);
    const { bytes } = this;
    const from = this.at + 4;
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
    this.number(length);
    this.at += length;
  }

  put(body: Uint8Array): void {
    this.number(body.length);
    this.bytes.set(body, this.at);
    this.at += body.length;
  }

  /** How long the input is. */
  get length(): number {
    return this.at - this.start;
  }

  /** What a call said, and where its output begins. */
  read(said: number): number {
    if (said < 0) throw errorOf(-1 - said);
    this.goTo(said);
    return said;
  }

  takeNumber(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  takeBytes(): Uint8Array<ArrayBuffer> | undefined {
    const length = this.takeNumber();
    if (length === ABSENT) return undefined;
    this.at += length;
    return this.bytes.slice(this.at - length, this.at) as Uint8Array<ArrayBuffer>;
  }

  takeText(): Text {
    const bytes = this.takeBytes();
    return bytes && decoder.decode(bytes);
  }
}

/** The error of a number. */
export function errorOf(number: number): WebhookError {
  const { code, meaning } = errors[number] ?? { code: "invalid_argument", meaning: "" };
  return new WebhookError(code, meaning);
}

/** The most bytes that texts take. */
export function roomOf(texts: readonly Text[]): number {
  let room = 0;
  for (const text of texts) room += 4 + 3 * (text?.length ?? 0);
  return room;
}
