/** Webhooks for Fastify. */
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Answer } from "../../../bindings-js/adapters/answer.js";
import type { ReceiverOptions, SecretSource } from "../../../bindings-js/adapters/options.js";
import { Receiver, succeeded } from "../../../bindings-js/adapters/receiver.js";
import type { OutOfFile, PayloadOf, SchemeFile, SchemeLike, Verified } from "../../../bindings-js/index.js";
import { headOf } from "./node-request.js";

export type { RawRequest, ReceiverOptions, Secret, SecretSource } from "../../../bindings-js/adapters/options.js";

/** Handles an event. What it returns is sent; where that is nothing, the answer is 204. */
export type FastifyHandler<T> = (event: Verified<T>, request: FastifyRequest, reply: FastifyReply) => unknown;

/**
 * Makes a plugin with one route, which answers handshakes, verifies, and gives the event to `handler`. The plugin reads
 * raw bodies; the routes outside of it parse theirs as before.
 *
 *     app.register(webhook("github", secret, (event) => console.log(event.type)), { prefix: "/hooks" });
 *
 * @param secret the secret, or a function that takes it from the request
 * @throws {WebhookError} as `new Webhook`, where the secret is known
 */
export function webhook<const Scheme extends SchemeLike | SchemeFile, T = PayloadOf<Scheme>>(
  scheme: Scheme & OutOfFile<Scheme>,
  secret: SecretSource<FastifyRequest>,
  handler: FastifyHandler<T>,
  options?: ReceiverOptions<FastifyRequest>,
): FastifyPluginAsync {
  const receiver = new Receiver<T, FastifyRequest>("fastify", scheme, secret, options);
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    const bodyLimit = receiver.limit;
    app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit }, (_request, body, done) => done(null, body));
    app.route({
      method: ["GET", "POST", "PUT"],
      url: "/",
      handler: async (request, reply) => {
        const { protocol, host, originalUrl, body } = request;
        const head = headOf(request.raw, originalUrl, `${protocol}://${host}`);
        const received = await receiver.receive(request, head, async () => (body as Buffer | undefined) ?? "");
        if ("answer" in received) return await send(reply, received.answer);
        const { event, settle } = received.delivery;
        let ok = false;
        try {
          const value = await handler(event, request, reply);
          if (value === undefined && !reply.sent) reply.code(204);
          ok = succeeded(reply.statusCode);
          return reply.sent ? reply : (value ?? reply.send());
        } finally {
          await settle(ok);
        }
      },
      errorHandler: (error, request, reply) => {
        if (error.code !== "FST_ERR_CTP_BODY_TOO_LARGE") throw error; // For the handler of the application.
        void send(reply, receiver.tooLarge(request));
      },
    });
  };
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(body ?? "");
}
