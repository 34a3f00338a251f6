import { kindOf, reading } from "./argument.js";
import { WebhookError } from "./error.js";

/** A raw request body, as received: bytes, or text that is taken as UTF-8. A parsed object is refused. */
export type Body = ArrayBuffer | ArrayBufferView | string;

const encoder = new TextEncoder();

/** The bytes of a raw body; not copied, unless another thread could change them. */
export function bytesOf(body: unknown): Uint8Array {
  if (typeof body === "string") return encoder.encode(body);
  return reading("body", () => {
    const view = viewOf(body);
    if (!view) {
      const message = `\`body\` takes the raw bytes (Uint8Array, ArrayBuffer or string), got ${kindOf(body)}`;
      throw new WebhookError("body_not_raw", message);
    }
    const isBytes = (view as Uint8Array)[Symbol.toStringTag] === "Uint8Array";
    const bytes = isBytes ? (view as Uint8Array) : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    return bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  });
}

/** The body as a view, whichever realm it is of; none of what is no buffer, or was transferred away. */
function viewOf(body: unknown): ArrayBufferView | undefined {
  const view = ArrayBuffer.isView(body) ? body : undefined;
  if (view && view.byteLength > 0) return view;
  try {
    // Takes nothing but a buffer that is there, whatever else an object says of itself.
    const whole = new DataView((view ? view.buffer : body) as ArrayBuffer);
    return view ?? whole;
  } catch {
    return undefined;
  }
}
