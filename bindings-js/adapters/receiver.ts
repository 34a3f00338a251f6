/**
 * What every adapter does with a request: answer a handshake, verify, claim the event. Adapters only read requests and
 * write answers.
 */
import {
  type Claim,
  handshake,
  type HandshakeResponse,
  idempotencyKey,
  keyRequest,
  type PublishedKeys,
  type SchemeFile,
  type SchemeLike,
  type Verified,
  Webhook,
  WebhookError,
  type WebhookOptions,
} from "../index.js";
import { get } from "../get.js";
import { unknownOption } from "../option-name.js";
import { type Framework, RAW_BODY } from "../raw-body.js";
import { type Answer, DUPLICATE, inProgress, ofHandshake, refusal } from "./answer.js";
import type { RawRequest, ReceiverOptions, Secret, SecretSource } from "./options.js";

/** What reading a body throws when it is longer than the limit. */
export class BodyTooLarge extends Error {}

/** What reading a body throws when it ends too soon: the sender went away, and nobody reads an answer. */
export class BodyBroken extends Error {
  constructor(options?: ErrorOptions) {
    super("the sender went away before the body was complete", options);
  }
}

/** An event for the handler; `settle` says how that went. */
export interface Delivery<T> {
  readonly event: Verified<T>;
  /** Never throws: what a store throws is reported, because the handler's answer counts. */
  settle(succeeded: boolean): Promise<void>;
}

/** Either what to answer, or what to handle. */
export type Received<T> = { readonly answer: Answer } | { readonly delivery: Delivery<T> };

/** Reads the body, at most so many bytes; `undefined` where somebody parsed it already. */
export type ReadBody = (limit: number) => Promise<Uint8Array | string | undefined>;

/** A request without its body. */
export type Head = Omit<RawRequest, "body">;

export class Receiver<T, Context> {
  readonly limit: number;
  readonly #scheme: SchemeLike;
  readonly #options: ReceiverOptions<Context>;
  readonly #webhookOptions: WebhookOptions;
  readonly #framework: Framework;
  readonly #secret: SecretSource<Context>;
  /** By their secrets: those of tenants, and of what is rotated. */
  readonly #webhooks = new Map<string, Webhook>();

  /** @throws {WebhookError} as `new Webhook`, where the secret is known */
  constructor(
    framework: Framework,
    scheme: SchemeLike | SchemeFile,
    secret: SecretSource<Context>,
    options: ReceiverOptions<Context> | undefined,
  ) {
    const { config, tolerance, limit = 2 ** 20 } = options ?? {};
    const unknown = unknownOption(options ?? {}, OPTIONS);
    if (unknown) throw new WebhookError("invalid_argument", ...unknown);
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new WebhookError("invalid_argument", "`limit` takes a whole number of bytes");
    }
    this.limit = limit;
    this.#framework = framework;
    // One out of a file is known less closely: the core reads it.
    this.#scheme = scheme as SchemeLike;
    this.#secret = secret;
    this.#options = options ?? {};
    this.#webhookOptions = { config, tolerance };
    if (typeof secret !== "function" && !isPublished(secret)) this.#webhookOf(secret);
  }

  /** Whatever it throws is not the sender's fault, and was reported: for the framework to answer. */
  async receive(context: Context, head: Head, readBody: ReadBody): Promise<Received<T>> {
    try {
      const body = await readBody(this.limit);
      if (body === undefined) {
        throw new WebhookError(
          "body_not_raw",
          "the body was read before the webhook saw it",
          RAW_BODY[this.#framework],
        );
      }
      if (body.length > this.limit) throw new BodyTooLarge();
      const { method, url, headers } = head;
      return await this.#decide(context, { method, url: this.#urlOf(context, url), headers, body });
    } catch (error) {
      if (error instanceof BodyTooLarge) return { answer: this.tooLarge(context) };
      this.#report(error, context);
      if (error instanceof WebhookError) return { answer: refusal(error) };
      throw error;
    }
  }

  /** Reports a body that is too large, and gives the answer. */
  tooLarge(context: Context): Answer {
    const message = `the body has more than ${this.limit} bytes`;
    const error = new WebhookError("body_too_large", message);
    this.#options.onError?.(error, context);
    return refusal(error);
  }

  #report(error: unknown, context: Context): void {
    const { onError } = this.#options;
    if (onError) onError(error, context);
    else if (error instanceof BodyBroken) return;
    else if (!(error instanceof WebhookError)) console.error(error);
    else if (error.status >= 500) console.error(`${error.message} (${error.code}): ${error.hint}`);
  }

  async #decide(context: Context, request: RawRequest): Promise<Received<T>> {
    const { body, headers, method, url } = request;
    const secret = await this.#secretOf(context, request);
    const webhook = secret?.length ? this.#webhookOf(secret) : undefined;
    const { config } = this.#options;
    let answer: HandshakeResponse | null = null;
    if (!webhook) answer = handshake(this.#scheme, body, headers, { method, url, config });
    else if (webhook.hasHandshake) answer = webhook.handshake(body, headers, { method, url });
    if (answer) return { answer: await this.#answer(answer, context) };
    if (!webhook) {
      const message = "there is no secret yet: the function of `secret` gave none; is the variable set that holds it?";
      throw new WebhookError("invalid_secret", message);
    }
    const event = webhook.verify<T>(body, headers, webhook.readsTarget ? { method, url } : undefined);
    return await this.#claim(webhook.scheme, event, context);
  }

  #secretOf(context: Context, request: RawRequest): Secret | Promise<Secret> {
    const secret = this.#secret;
    if (typeof secret === "function") return secret(context, request);
    if (!isPublished(secret)) return secret;
    const { body, headers, method, url } = request;
    const wanted = keyRequest(this.#scheme, body, headers, { method, url, config: this.#options.config });
    if (wanted) return secret.secretOf(wanted);
    throw new WebhookError("invalid_argument", "the sender publishes no keys: pass its secret");
  }

  #webhookOf(secret: string | readonly string[]): Webhook {
    // No secret begins so: none stands for several.
    const name = typeof secret === "string" ? secret : `\0${JSON.stringify(secret)}`;
    let webhook = this.#webhooks.get(name);
    if (!webhook) {
      webhook = new Webhook(this.#scheme, secret, this.#webhookOptions);
      if (this.#webhooks.size >= MOST_WEBHOOKS) this.#webhooks.clear();
      this.#webhooks.set(name, webhook);
    }
    return webhook;
  }

  async #answer(answer: HandshakeResponse, context: Context): Promise<Answer> {
    await this.#options.onHandshake?.(answer, context);
    if (answer.fetch !== undefined) {
      const confirmed = await get(answer.fetch);
      if (!confirmed.ok) throw new Error(`the sender's URL answered its confirmation with ${confirmed.status}`);
    }
    return ofHandshake(answer);
  }

  async #claim(scheme: string, event: Verified<T>, context: Context): Promise<Received<T>> {
    const { idempotency } = this.#options;
    if (!idempotency) return { delivery: { event, settle: async () => {} } };
    const claim = await idempotency.begin(`${scheme}:${idempotencyKey(event.id, event.body)}`);
    if (claim.state === "done") return { answer: DUPLICATE };
    if (claim.state === "in_progress") return { answer: inProgress(idempotency.leaseSeconds) };
    return { delivery: { event, settle: (succeeded) => this.#settle(claim, succeeded, context) } };
  }

  async #settle(claim: Claim, succeeded: boolean, context: Context): Promise<void> {
    try {
      await (succeeded ? claim.complete() : claim.release());
    } catch (error) {
      this.#report(error, context);
    }
  }

  #urlOf(context: Context, seen: string): string {
    const { url } = this.#options;
    if (typeof url === "function") return url(context);
    const query = seen.indexOf("?");
    if (url === undefined || query < 0) return url ?? seen;
    return url.replace(/\?.*$/s, "") + seen.slice(query);
  }
}

/** By what it does: the class would be in every bundle. */
export function isPublished(secret: unknown): secret is PublishedKeys {
  return typeof secret === "object" && secret !== null && "secretOf" in secret;
}

const MOST_WEBHOOKS = 256;

/** Names that `ReceiverOptions` have. */
const OPTIONS = ["config", "tolerance", "url", "limit", "idempotency", "onError", "onHandshake"] satisfies readonly (
  keyof ReceiverOptions<unknown>
)[];

/** Whether an answer tells the sender that its event was taken. */
export function succeeded(status: number): boolean {
  return status < 400;
}
