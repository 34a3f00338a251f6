// The face of the small core: `Webhook` for schemes that were compiled, to receive with.
import type { ErrorRow } from "#errors";
import { optionsOf, reading } from "../../bindings-js/argument.js";
import { type Body, bytesOf } from "../../bindings-js/body.js";
import { headersOf, type HeadersLike } from "../../bindings-js/headers.js";
import { type VerifyOptions, verifyOptionsOf } from "../../bindings-js/request.js";
import { configOf } from "../../bindings-js/scheme.js";
import { secretsOf } from "../../bindings-js/secret.js";
import { type Facts, type Parsed, parsedOf, Verified } from "../../bindings-js/verified.js";
import { toleranceOf, type WebhookOptions } from "../../bindings-js/webhook.js";
import { Engine, errorOf, roomOf, type Text } from "./engine.js";
import { addErrors, errors } from "./lite-errors.js";

declare const COMPILED: unique symbol;

/** A scheme that was compiled, with the core that reads it: what `@hookseal/edge/schemes/stripe` and the like export. */
export interface CompiledScheme {
  readonly [COMPILED]: true;
}

/** What a compiled scheme is. */
interface Compiled {
  readonly core: WebAssembly.Module;
  readonly text: string;
  /** What the core gives besides the others. */
  readonly errors?: readonly ErrorRow[];
}

/** Frees what a core holds of a webhook that nobody has any more. */
const forgotten =
  // Workers of an old compatibility date are without: there, a webhook stays as long as the isolate.
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<() => void>((close) => close());

/** A scheme with its secrets, parsed once, to verify with. */
export class Webhook {
  /** The id of the scheme. */
  readonly scheme: string;
  readonly #engine: Engine;
  readonly #handle: number;
  /** The headers that it reads. */
  readonly #names: ReadonlySet<string>;
  readonly #numbered: readonly string[];
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
    const compiled = reading("scheme", () => ({ ...(scheme as unknown as Partial<Compiled>) }));
    const { core: module, text } = compiled;
    if (!(module instanceof WebAssembly.Module) || typeof text !== "string") {
      throw errorOf(errors.findIndex((row) => row?.code === "invalid_scheme"));
    }
    addErrors(compiled.errors ?? []);
    const engine = (this.#engine = Engine.of(module));
    const { core } = engine;
    const texts = [...config, ...secrets];
    engine.begin(roomOf([text, ...texts]) + 4);
    engine.text(text);
    engine.number(config.length / 2);
    for (const one of texts) engine.text(one);
    const { length } = engine;
    const handle = (this.#handle = core.open(length, tolerance ?? -1));
    engine.goTo(engine.start);
    engine.bytes.fill(0, engine.at, engine.at + length);
    engine.read(handle);
    forgotten?.register(this, () => core.close(handle));
    engine.read(core.names(handle));
    this.scheme = engine.takeText() as string;
    const names: string[] = [];
    for (let name: Text; (name = engine.takeText()) !== undefined;) names.push(name);
    this.#names = new Set((this.#numbered = names));
  }

  /**
   * Checks the signature of a request and the age of its timestamp.
   *
   * @param body the raw body as received, before any parser
   * @throws {WebhookError} its `code` says why, its `status` is the answer for the sender
   */
  verify<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Verified<T> {
    const request = this.#request(body, headers, options);
    this.#write(request);
    return this.#verified(request);
  }

  /**
   * As `verify`, with the platform's Web Crypto hashing bodies of 16 KiB and more, which it does faster; the core reads,
   * compares and decides as ever. The body is copied first: what is verified is what `body` of the result holds.
   *
   * @throws {WebhookError} in the promise, as `verify`
   */
  async verifyAsync<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Promise<Verified<T>> {
    const request = this.#request(body, headers, options);
    const keys = request.bytes.length < LARGE ? [] : await (this.#keys ??= this.#keysOfPlatform());
    const length = this.#write(request);
    if (keys.length === 0) return this.#verified(request);
    const engine = this.#engine;
    const input = engine.inputs;
    engine.read(engine.core.signed(this.#handle, length, request.now));
    const head = engine.takeBytes() as Uint8Array;
    const hasBody = engine.takeNumber() === 1;
    const tail = engine.takeBytes() as Uint8Array;
    const end = head.length + request.bytes.length;
    const content = new Uint8Array(end + tail.length);
    content.set(head);
    content.set(request.bytes, head.length);
    content.set(tail, end);
    request.bytes = content.subarray(head.length, end);
    const message = (hasBody ? content : head) as BufferSource;
    const signing = Promise.all(keys.map((key) => crypto.subtle.sign("HMAC", key, message)));
    // Meanwhile, where the platform hashes in another thread. Nobody gets it before the verdict.
    const parsed = parsedOf(request.bytes);
    const tags = await signing;
    if (engine.inputs === input) engine.goTo(engine.start + length);
    else this.#write(request);
    for (const tag of tags) engine.put(new Uint8Array(tag));
    return this.#verified(request, parsed);
  }

  #request(body: Body, headers: HeadersLike, options?: VerifyOptions): Request {
    const pairs = headersOf(this.#names, headers);
    const { method, url, now } = verifyOptionsOf(options);
    // Last: a getter in what was read before could take the buffer away.
    return { pairs, method, url, now, bytes: bytesOf(body) };
  }

  /** Writes a request into the input, with room for tags behind it: its length. */
  #write({ pairs, method, url, bytes }: Request): number {
    const engine = this.#engine;
    engine.begin(roomOf(pairs) + roomOf([method, url]) + bytes.length + MORE);
    engine.number(pairs.length / 2);
    for (let at = 0; at < pairs.length; at += 2) {
      engine.number(this.#numbered.indexOf(pairs[at] as string));
      engine.text(pairs[at + 1]);
    }
    engine.text(method);
    engine.text(url);
    engine.put(bytes);
    return engine.length;
  }

  /** The verdict on the request in the input. */
  #verified<T>(request: Request, parsed?: Parsed): Verified<T> {
    const engine = this.#engine;
    const verdict = engine.core.verify(this.#handle, engine.length, request.now);
    if (verdict < 0) throw errorOf(-1 - verdict);
    const keyIndex = Math.floor(verdict / MOMENTS);
    const moment = verdict - keyIndex * MOMENTS - 1;
    const told = () => {
      engine.read(engine.core.told(this.#handle, this.#write(request)));
      return [engine.takeText() ?? null, engine.takeText() ?? null] as const;
    };
    return new Verified<T>(new LateFacts(keyIndex, moment, told, parsed), request.bytes);
  }

  /** The keys as the platform has them, which does not give them back; none where the core alone can hash. */
  async #keysOfPlatform(): Promise<CryptoKey[]> {
    const engine = this.#engine;
    const from = engine.read(engine.core.keys(this.#handle));
    const imports: Promise<CryptoKey>[] = [];
    for (let hash: Text; (hash = engine.takeText()) !== undefined;) {
      const bytes = engine.takeBytes() as Uint8Array<ArrayBuffer>;
      imports.push(crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]));
      bytes.fill(0);
    }
    engine.bytes.fill(0, from, engine.at);
    return Promise.all(imports);
  }
}

/** From this many bytes on, the platform is faster than the core, the way to it and back included. */
const LARGE = 16_384;
/** Room for the numbers of an input, and for a tag of each of the 16 secrets that there may be. */
const MORE = 16 + 16 * 68;
/** More than any moment in milliseconds: by this the core tells it from the index of the secret. */
const MOMENTS = 2 ** 48;

interface Request {
  /** Name, value, name, value, … */
  readonly pairs: string[];
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly now: number;
  bytes: Uint8Array;
}

/** What the core found; it looks for id and type when somebody asks for them. */
class LateFacts implements Facts {
  readonly keyIndex: number;
  readonly #moment: number;
  readonly #tell: () => readonly [string | null, string | null];
  #told: readonly [string | null, string | null] | undefined;
  #parsed: Parsed | undefined;

  constructor(keyIndex: number, moment: number, tell: () => readonly [string | null, string | null], parsed?: Parsed) {
    this.keyIndex = keyIndex;
    this.#moment = moment;
    this.#tell = tell;
    this.#parsed = parsed;
  }

  /** Each caller has a value of its own. */
  takeParsed(): Parsed | undefined {
    const parsed = this.#parsed;
    this.#parsed = undefined;
    return parsed;
  }

  get id(): string | null {
    return (this.#told ??= this.#tell())[0];
  }

  get type(): string | null {
    return (this.#told ??= this.#tell())[1];
  }

  get timestamp(): Date | null {
    return this.#moment < 0 ? null : new Date(this.#moment);
  }

  get payload(): undefined {
    return undefined;
  }
}

export type { Moment } from "../../bindings-js/argument.js";
export type { Body } from "../../bindings-js/body.js";
export { type ErrorCode, WebhookError } from "../../bindings-js/error.js";
export type { HeadersLike } from "../../bindings-js/headers.js";
export type { VerifyOptions } from "../../bindings-js/request.js";
export type { Verified } from "../../bindings-js/verified.js";
export type { WebhookOptions } from "../../bindings-js/webhook.js";
