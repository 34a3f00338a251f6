// The face of the small core: `Webhook` for schemes that were compiled, to receive with.
import errors from "#errors";
import { optionsOf, reading } from "../../bindings-js/argument.js";
import { type Body, bytesOf } from "../../bindings-js/body.js";
import { type HeaderNames, headersOf, type HeadersLike } from "../../bindings-js/headers.js";
import { type Native, use } from "../../bindings-js/native.js";
import { type VerifyOptions, verifyOptionsOf } from "../../bindings-js/request.js";
import { configOf } from "../../bindings-js/scheme.js";
import { secretsOf } from "../../bindings-js/secret.js";
import { factsOf, Verified } from "../../bindings-js/verified.js";
import { toleranceOf, type WebhookOptions } from "../../bindings-js/webhook.js";
import * as engine from "./engine.js";

use({ errorCodes: () => Object.values(errors) } as Native);

declare const COMPILED: unique symbol;

/** A scheme that was compiled: what `@hookseal/edge/schemes/stripe` and the like export. */
export type CompiledScheme = string & { readonly [COMPILED]: true };

/** Frees what the core holds of a webhook that nobody has any more. */
const forgotten =
  // Workers of an old compatibility date are without: there, a webhook stays as long as the isolate.
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<number>((handle) => engine.core.close(handle));

/** A scheme with its secrets, parsed once, to verify with. */
export class Webhook {
  /** The id of the scheme. */
  readonly scheme: string;
  readonly #handle: number;
  readonly #names: HeaderNames;
  #keys: Promise<CryptoKey[]> | undefined;

  /**
   * @param scheme from `@hookseal/edge/schemes/…`
   * @param secret as the sender shows it; several while it is rotated, the newest first
   * @throws {WebhookError} `invalid_scheme` for a scheme of another version or one that only the whole core reads,
   *   `missing_config`, `invalid_config`, `invalid_secret`, `invalid_argument`
   */
  constructor(scheme: CompiledScheme, secret: string | readonly string[], options?: WebhookOptions) {
    const secrets = reading("secret", () => secretsOf(secret));
    const [config, tolerance] = reading("options", () => {
      const { config, tolerance } = optionsOf("options", options);
      return [configOf(config) ?? [], toleranceOf(tolerance)];
    });
    const texts = [...config, ...secrets];
    engine.begin(texts.reduce((room, text) => room + engine.roomOf(text), 8 + engine.roomOf(scheme)));
    engine.putText(scheme);
    engine.putNumber(config.length / 2);
    engine.putTexts(texts);
    const output = engine.core.open(engine.length(), tolerance ?? -1);
    engine.wipe();
    engine.answered(output);
    this.scheme = engine.takeText() as string;
    const names = new Set<string>();
    for (let left = engine.takeNumber(); left > 0; left -= 1) names.add(engine.takeText() as string);
    this.#names = names;
    this.#handle = engine.takeNumber();
    forgotten?.register(this, this.#handle);
  }

  /**
   * Checks the signature of a request and the age of its timestamp.
   *
   * @param body the raw body as received, before any parser
   * @throws {WebhookError} its `code` says why, its `status` is the answer for the sender
   */
  verify<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Verified<T> {
    const request = requestFrom(this.#names, body, headers, options);
    write(request);
    return this.#verified(request);
  }

  /**
   * As `verify`, with the platform's Web Crypto hashing bodies of 16 KiB and more, which it does faster; the core reads,
   * compares and decides as ever. The body is copied first: what is verified is what `body` of the result holds.
   *
   * @throws {WebhookError} in the promise, as `verify`
   */
  async verifyAsync<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Promise<Verified<T>> {
    const request = requestFrom(this.#names, body, headers, options);
    if (request.bytes.length < LARGE) {
      write(request);
      return this.#verified(request);
    }
    const keys = await (this.#keys ??= keysOf(this.#handle));
    if (keys.length === 0) {
      write(request);
      return this.#verified(request);
    }
    const length = write(request);
    const input = engine.inputs;
    engine.answered(engine.core.signed(this.#handle, length, request.now));
    const head = engine.takeBytes() as Uint8Array;
    const hasBody = engine.takeNumber() === 1;
    const tail = engine.takeBytes() as Uint8Array;
    const bodyAt = head.length;
    const content = new Uint8Array(bodyAt + request.bytes.length + tail.length);
    content.set(head);
    content.set(request.bytes, bodyAt);
    content.set(tail, bodyAt + request.bytes.length);
    request.bytes = content.subarray(bodyAt, bodyAt + request.bytes.length);
    const message = hasBody ? content : head;
    const tags = await Promise.all(keys.map((key) => crypto.subtle.sign("HMAC", key, message as BufferSource)));
    if (engine.inputs === input) engine.behind(length);
    else write(request);
    for (const tag of tags) engine.putBytes(new Uint8Array(tag));
    return this.#verified(request);
  }

  /** The verdict on the request in the input. */
  #verified<T>({ bytes, now }: Request): Verified<T> {
    engine.answered(engine.core.verify(this.#handle, engine.length(), now));
    const [id, eventType] = engine.takeTwoTexts();
    const native = {
      id,
      eventType,
      timestampMs: engine.takeMillis(),
      keyIndex: engine.takeNumber(),
      payload: engine.takeBytes(),
    };
    return new Verified<T>(factsOf(native), bytes);
  }
}

/** From this many bytes on, the platform is faster than the core, the way to it and back included. */
const LARGE = 16_384;
/** Room for a tag and its length. */
const TAG_ROOM = 68;

interface Request {
  /** Name, value, name, value, … */
  readonly pairs: string[];
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly now: number;
  bytes: Uint8Array;
}

function requestFrom(names: HeaderNames, body: Body, headers: HeadersLike, options?: VerifyOptions): Request {
  const pairs = headersOf(names, headers);
  const { method, url, now } = verifyOptionsOf(options);
  // Last: a getter in what was read before could take the buffer away.
  return { pairs, method, url, now, bytes: bytesOf(body) };
}

/** Writes the request into the input, with room for tags behind it: its length. */
function write({ pairs, method, url, bytes }: Request): number {
  let room = 16 + MAX_SECRETS * TAG_ROOM + bytes.length + engine.roomOf(method) + engine.roomOf(url);
  for (const text of pairs) room += engine.roomOf(text);
  engine.begin(room);
  engine.putNumber(pairs.length / 2);
  engine.putTexts(pairs);
  engine.putText(method);
  engine.putText(url);
  engine.putBytes(bytes);
  return engine.length();
}

/** The core takes no more. */
const MAX_SECRETS = 16;

/** The keys as the platform has them, which does not give them back; none where the core alone can hash. */
async function keysOf(webhook: number): Promise<CryptoKey[]> {
  engine.answered(engine.core.keys(webhook));
  const imports: Promise<CryptoKey>[] = [];
  for (let hash = engine.takeText(); hash !== undefined; hash = engine.takeText()) {
    const bytes = engine.takeBytes() as Uint8Array<ArrayBuffer>;
    imports.push(crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]));
    bytes.fill(0);
  }
  engine.wipeOutput();
  return Promise.all(imports);
}

export type { Moment } from "../../bindings-js/argument.js";
export type { Body } from "../../bindings-js/body.js";
export { type ErrorCode, WebhookError } from "../../bindings-js/error.js";
export type { HeadersLike } from "../../bindings-js/headers.js";
export type { VerifyOptions } from "../../bindings-js/request.js";
export type { Verified } from "../../bindings-js/verified.js";
export type { WebhookOptions } from "../../bindings-js/webhook.js";
