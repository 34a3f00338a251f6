// The face of the small core: `Webhook` for schemes that were compiled, to receive with.
import type { ErrorRow } from "#errors";
import { kindOf, optionsOf, reading } from "../../bindings-js/argument.js";
import { type Body, bytesOf } from "../../bindings-js/body.js";
import { WebhookError } from "../../bindings-js/error.js";
import { headersOf, type HeadersLike } from "../../bindings-js/headers.js";
import { type VerifyOptions, verifyOptionsOf } from "../../bindings-js/request.js";
import { configOf } from "../../bindings-js/scheme.js";
import { secretsOf } from "../../bindings-js/secret.js";
import { type Facts, Verified } from "../../bindings-js/verified.js";
import { toleranceOf, type WebhookOptions } from "../../bindings-js/webhook.js";
import { Engine, errorOf, KEYS, roomOf, SIGNED, type Text, TOLD, VERDICT } from "./engine.js";
import { addErrors } from "./lite-errors.js";

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
// Workers of an old compatibility date are without: there, a webhook stays as long as the isolate.
const forgotten =
  globalThis.FinalizationRegistry && new FinalizationRegistry<() => void>((close) => close());

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
  #keysOfNode: (() => Hmac)[] | undefined;
  /** Whether the core, where the platform hashes, looks into the body. */
  #readsBody = true;

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
      throw new WebhookError("invalid_scheme", `\`scheme\` takes a compiled scheme, got ${kindOf(scheme)}`, IMPORT);
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
    const said = core.open(length, tolerance ?? -1);
    engine.goTo(engine.start);
    engine.bytes.fill(0, engine.at, engine.at + length);
    engine.read(said);
    const handle = (this.#handle = engine.takeNumber());
    forgotten?.register(this, () => core.close(handle));
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
    return this.#verifyAtOnce(this.#request(body, headers, options));
  }

  /**
   * As `verify`, with the platform's Web Crypto hashing large bodies, which it does faster; the core reads, compares and
   * decides as ever. The body is copied first: what is verified is what `body` of the result holds.
   *
   * @throws {WebhookError} in the promise, as `verify`
   */
  async verifyAsync<T = unknown>(body: Body, headers: HeadersLike, options?: VerifyOptions): Promise<Verified<T>> {
    const request = this.#request(body, headers, options);
    const keys = request.bytes.length < LARGE ? [] : await (this.#keys ??= this.#keysOfPlatform());
    if (keys.length === 0) return this.#verifyAtOnce({ ...request, bytes: request.bytes.slice() });
    const [head, tail] = this.#signed(request);
    const end = head.length + request.bytes.length;
    const content = new Uint8Array(end + (tail?.length ?? 0));
    content.set(head);
    content.set(request.bytes, head.length);
    if (tail) content.set(tail, end);
    request.bytes = content.subarray(head.length, end);
    const message = tail ? content : head;
    return this.#judged(request, await Promise.all(keys.map((key) => crypto.subtle.sign("HMAC", key, message))));
  }

  /** With the hash of the core, or for more than a little with that of Node's crypto, where there is one. */
  #verifyAtOnce<T>(request: Request): Verified<T> {
    const { bytes } = request;
    const keys = bytes.length < LONG || !node ? [] : (this.#keysOfNode ??= this.#keysFor(ofNode));
    if (keys.length === 0) {
      this.#write(request);
      return this.#verified(request);
    }
    const [head, tail] = this.#signed(request);
    const pieces = tail ? [head, bytes, tail] : [head];
    return this.#judged(
      request,
      keys.map((start) => pieces.reduce((hmac, piece) => hmac.update(piece), start()).digest()),
    );
  }

  #request(body: Body, headers: HeadersLike, options?: VerifyOptions): Request {
    const pairs = headersOf(this.#names, headers);
    const { method, url, now } = verifyOptionsOf(options);
    // Last: a getter in what was read before could take the buffer away.
    return { pairs, method, url, now, bytes: bytesOf(body) };
  }

  /** Writes a request into the input, with room for tags behind it; its body may be left out where others hash it. */
  #write({ pairs, method, url, bytes }: Request, isHashed = false): void {
    const body = isHashed && !this.#readsBody ? NOTHING : bytes;
    const engine = this.#engine;
    engine.begin(roomOf(pairs) + roomOf([method, url]) + body.length + MORE);
    engine.number(pairs.length / 2);
    for (let at = 0; at < pairs.length; at += 2) {
      engine.number(this.#numbered.indexOf(pairs[at] as string));
      engine.text(pairs[at + 1]);
    }
    engine.text(method);
    engine.text(url);
    engine.put(body);
  }

  /** What the platform is to hash: what stands before the body, and behind it, where it is there at all. */
  #signed(request: Request) {
    const engine = this.#engine;
    this.#write(request, true);
    engine.read(engine.core.ask(this.#handle, engine.length, SIGNED, request.now));
    return [engine.takeBytes() as Uint8Array<ArrayBuffer>, engine.takeBytes()] as const;
  }

  /** The verdict with the tags of the platform, one for each secret. */
  #judged<T>(request: Request, tags: readonly (ArrayBuffer | Uint8Array)[]): Verified<T> {
    this.#write(request, true);
    for (const tag of tags) this.#engine.put(new Uint8Array(tag));
    return this.#verified(request);
  }

  /** The verdict on the request in the input. */
  #verified<T>(request: Request): Verified<T> {
    const engine = this.#engine;
    const verdict = engine.core.ask(this.#handle, engine.length, VERDICT, request.now);
    if (verdict < 0) throw errorOf(-1 - verdict);
    const keyIndex = Math.floor(verdict / MOMENTS);
    const moment = verdict - keyIndex * MOMENTS - 1;
    const tell = () => {
      this.#write(request);
      engine.read(engine.core.ask(this.#handle, engine.length, TOLD, 0));
      return [engine.takeText() ?? null, engine.takeText() ?? null] as const;
    };
    return new Verified<T>(new LateFacts(keyIndex, moment, tell), request.bytes);
  }

  /** The keys as Web Crypto has them, which does not give them back; none where there is none, or the core alone can hash. */
  #keysOfPlatform(): Promise<CryptoKey[]> {
    const imports = this.#keysFor(async (hash, bytes) =>
      crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["sign"]),
    );
    return Promise.all(imports).catch(() => []);
  }

  /** What is made of each key; nothing where the core alone can hash. */
  #keysFor<K>(make: (hash: string, bytes: Uint8Array<ArrayBuffer>) => K): K[] {
    const engine = this.#engine;
    const from = engine.read(engine.core.ask(this.#handle, 0, KEYS, 0));
    this.#readsBody = engine.takeNumber() === 1;
    const keys: K[] = [];
    for (let hash: Text; (hash = engine.takeText()) !== undefined;) {
      const bytes = engine.takeBytes() as Uint8Array<ArrayBuffer>;
      keys.push(make(hash, bytes));
      bytes.fill(0);
    }
    engine.bytes.fill(0, from, engine.at);
    return keys;
  }
}

interface Request {
  /** Name, value, name, value, … */
  readonly pairs: string[];
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly now: number;
  bytes: Uint8Array;
}

/** What is used of Node's crypto. */
interface Hmac {
  update(bytes: Uint8Array): Hmac;
  digest(): Uint8Array;
}

interface NodeCrypto {
  createHmac(hash: string, key: object): Hmac;
  createSecretKey(bytes: Uint8Array): object;
}

/** Node's crypto, in Node, Deno, Bun, and in workerd with `nodejs_compat`; none where it is there, but does not work. */
let node: NodeCrypto | undefined;
try {
  // Asked for so, no bundler looks for it.
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeCrypto } };
  const found = process?.getBuiltinModule?.("node:crypto");
  found?.createHmac("SHA256", found.createSecretKey(new Uint8Array(64)));
  node = found;
} catch {
  // The core hashes.
}

/** A key as Node's crypto has it, ready for one message after the other. */
function ofNode(hash: string, bytes: Uint8Array): () => Hmac {
  const { createHmac, createSecretKey } = node as NodeCrypto;
  const key = createSecretKey(bytes);
  return () => createHmac(hash.replace("-", ""), key);
}

/** Room for the numbers of an input, and for a tag of each of the 16 secrets that there may be. */
const MORE = 16 + 16 * 68;
/** More than any moment in milliseconds: by this the core tells it from the index of the secret. */
const MOMENTS = 2 ** 48;
const IMPORT = 'import it: `import scheme from "@hookseal/edge/schemes/stripe"`';
const NOTHING = new Uint8Array();
/** From this many bytes on, Node's crypto is faster than the core, the way to it and back included. */
const LONG = 2048;
/** From this many, Web Crypto is faster; where there is Node's as well, it is worth another thread. */
const LARGE = node ? 65_536 : globalThis.navigator?.userAgent === "Cloudflare-Workers" ? LONG : 16_384;

/** What the core found; it looks for id and type when somebody asks for them. */
class LateFacts implements Facts {
  #told: readonly [string | null, string | null] | undefined;

  constructor(
    readonly keyIndex: number,
    private readonly moment: number,
    private readonly tell: () => readonly [string | null, string | null],
  ) {}

  get id(): string | null {
    return (this.#told ??= this.tell())[0];
  }

  get type(): string | null {
    return (this.#told ??= this.tell())[1];
  }

  get timestamp(): Date | null {
    return this.moment < 0 ? null : new Date(this.moment);
  }
}

export type { Moment } from "../../bindings-js/argument.js";
export type { Body } from "../../bindings-js/body.js";
export { type ErrorCode, WebhookError } from "../../bindings-js/error.js";
export type { HeadersLike } from "../../bindings-js/headers.js";
export type { VerifyOptions } from "../../bindings-js/request.js";
export type { Verified } from "../../bindings-js/verified.js";
export type { WebhookOptions } from "../../bindings-js/webhook.js";
