/** Webhooks where a handler takes a Fetch `Request`: Cloudflare Workers, Deno, Bun, Vercel Edge. */
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../index.js";
import type { Framework } from "../raw-body.js";
import { responseOf } from "./answer.js";
import { bodyOf } from "./fetch-body.js";
import type { ReceiverOptions, SecretSource } from "./options.js";
import { Receiver, succeeded } from "./receiver.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "./options.js";

/** Handles an event; without a response of its own the sender is answered with 204. */
export type FetchHandler<T, Env, Context> = (
  event: Verified<T>,
  request: Request,
  env: Env,
  context: Context,
) => Promise<Response | void> | Response | void;

/** What `fetch` of a worker, `Deno.serve` and `Bun.serve` take. */
export type FetchWebhook<Env, Context> = (request: Request, env?: Env, context?: Context) => Promise<Response>;

/** The options where a request is a Fetch `Request`. The secret's function takes the environment of the worker. */
export type FetchOptions = ReceiverOptions<Request>;

/**
 * Makes a handler of requests: answers handshakes, verifies, and gives the event to `handler`. Whatever does not verify
 * is answered with its own status and a reason in JSON. What `handler` throws goes to the runtime, which answers with 500.
 *
 *     export default { fetch: webhook("github", (env) => env.GITHUB_SECRET, (event) => console.log(event.type)) };
 *
 * @param secret the secret, or a function that takes it from the environment: the second argument of the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<
  const Scheme extends SchemeLike | SchemeFile,
  T = PayloadOf<Scheme>,
  Env = unknown,
  Context = unknown,
>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<Env>,
  handler: FetchHandler<T, Env, Context>,
  options?: FetchOptions,
): FetchWebhook<Env, Context> {
  return receiving("fetch", scheme, secret, handler, options);
}

/** @internal */
export function receiving<T, Env, Context>(
  framework: Framework,
  scheme: SchemeLike | SchemeFile,
  secret: SecretSource<Env>,
  handler: FetchHandler<T, Env, Context>,
  options: FetchOptions | undefined,
): FetchWebhook<Env, Context> {
  // One context for both: what the user's functions take differs.
  type Both = { request: Request; env: Env };
  const { url, onError, onHandshake, ...rest } = options ?? {};
  const receiver = new Receiver<T, Both>(
    framework,
    scheme,
    typeof secret === "function" ? ({ env }, raw) => secret(env, raw) : secret,
    {
      ...rest,
      url: typeof url === "function" ? ({ request }) => url(request) : url,
      onError: onError && ((error, { request }) => onError(error, request)),
      onHandshake: onHandshake && ((answer, { request }) => onHandshake(answer, request)),
    },
  );
  return async (request, given?: Env, context?: Context) => {
    // INVARIANT: a runtime passes what its types say; who calls this without an environment has none that is used.
    const env = given as Env;
    const received = await receiver.receive({ request, env }, request, bodyOf(request));
    if ("answer" in received) return responseOf(received.answer);
    const { event, settle } = received.delivery;
    let ok = false;
    try {
      const response = (await handler(event, request, env, context as Context)) ?? new Response(null, { status: 204 });
      ok = succeeded(response.status);
      return response;
    } finally {
      await settle(ok);
    }
  };
}
