import { invalidArgument, isWellFormed, kindOf, tagOf } from "./argument.js";
import { WebhookError } from "./error.js";
import { RAW_BODY_HINT } from "./raw-body.js";

/**
 * A raw request body, as received: bytes, or text that is taken as UTF-8; at most 256 MiB. A parsed object is refused.
 */
export type Body = ArrayBuffer | ArrayBufferView | string;

/** More than any webhook. WebAssembly has 4 GiB, to sign takes a few copies, and what it took it keeps. */
const MAX_BYTES = 2 ** 28;

const encoder = new TextEncoder();

/** The bytes of a raw body; not copied, unless another thread could change them. `hint` says where there are any. */
export function bytesOf(body: unknown, hint = RAW_BODY_HINT): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === "string" ? encodedOf(body) : viewOf(body);
  if (!bytes) {
    const message = `\`body\` takes the raw bytes (Uint8Array, ArrayBuffer or string), got ${whatIs(body)}`;
    throw new WebhookError("body_not_raw", message, hint);
  }
  return atMost(bytes, bytes.length);
}

/** The body itself where it is bytes as Node hands them over, which a `Verifier` reads as safely; otherwise `bytesOf` it. */
export function rawOf(body: unknown): Uint8Array {
  try {
    const view = body as Uint8Array;
    if (!arrayBuffer.resizable?.(typedArray.buffer(view))) return view;
  } catch {
    // No typed array, or one of shared memory.
  }
  return bytesOf(body);
}

/** For messages: reading a body takes a call and an `await`, which are easily left out. */
function whatIs(body: unknown): string {
  try {
    const tag = tagOf(body);
    if (tag === "Promise") return "a promise: `await` it";
    if (typeof (body as Request).arrayBuffer === "function") return `a ${tag}: pass \`await\` of its \`arrayBuffer()\``;
    if (tag === "ReadableStream" || typeof (body as { pipe?: unknown }).pipe === "function") return "a stream: read it first";
  } catch {
    // A proxy may throw whatever is asked of it; `null` has nothing.
  }
  return kindOf(body);
}

function encodedOf(text: string): Uint8Array<ArrayBuffer> {
  // It has at least as many bytes as UTF-16 units: what is too long is so before it is encoded.
  if (isWellFormed(atMost(text, text.length))) return encoder.encode(text);
  throw new WebhookError("body_not_raw", "`body` is text with a lone surrogate, which no bytes decode to");
}

function atMost<T>(body: T, length: number): T {
  if (length <= MAX_BYTES) return body;
  throw invalidArgument(`\`body\` takes at most ${MAX_BYTES} bytes, got ${length}`);
}

/**
 * The body as a view of our own, whichever realm it is of; none of what is no buffer, or was transferred away.
 *
 * What an object says of itself may be untrue, and a length that is untrue would let the core write where it must not:
 * only the getters of the language are asked.
 */
function viewOf(body: unknown): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = ArrayBuffer.isView(body) ? bytesOfView(body) : bytesOfBuffer(body);
    return isFixed(bytes.buffer) ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(atMost(bytes, bytes.length));
  } catch (thrown) {
    if (thrown instanceof WebhookError) throw thrown;
    return undefined;
  }
}

function bytesOfView(view: ArrayBufferView): Uint8Array {
  const of = typedArray.tag(view) === undefined ? dataView : typedArray;
  return new Uint8Array(of.buffer(view), of.byteOffset(view), of.byteLength(view));
}

function bytesOfBuffer(buffer: unknown): Uint8Array {
  // Unlike `Uint8Array`, takes nothing but a buffer that is there, whatever else an object looks like.
  return bytesOfView(new DataView(buffer as ArrayBuffer));
}

/** Whether the size stays and no other thread writes: a buffer that is neither shared nor resizable. */
function isFixed(buffer: ArrayBufferLike): boolean {
  try {
    arrayBuffer.byteLength(buffer); // Throws for a shared one.
    return !arrayBuffer.resizable?.(buffer);
  } catch {
    return false;
  }
}

const typedArray = {
  ...viewGetters(Object.getPrototypeOf(Uint8Array.prototype) as object),
  tag: getter<string | undefined>(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag),
};
const dataView = viewGetters(DataView.prototype);
const arrayBuffer = {
  byteLength: getter<number>(ArrayBuffer.prototype, "byteLength"),
  // ES2024.
  resizable: "resizable" in ArrayBuffer.prototype ? getter<boolean>(ArrayBuffer.prototype, "resizable") : undefined,
};

function viewGetters(prototype: object) {
  return {
    buffer: getter<ArrayBufferLike>(prototype, "buffer"),
    byteOffset: getter<number>(prototype, "byteOffset"),
    byteLength: getter<number>(prototype, "byteLength"),
  };
}

/** The getter of the language itself, whatever the object has put before it. */
function getter<T>(prototype: object, name: PropertyKey): (of: object) => T {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T;
  return (of) => get.call(of);
}
