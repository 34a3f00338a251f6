// Compiled, never run: what the handlers know of an event.
import Fastify from "fastify";
import { webhook } from "hookseal/fastify";

const app = Fastify();
app.register(
  webhook(
    "standard_webhooks",
    (request) => request.headers.host,
    (event, request, reply) => {
      event.data.type satisfies string;
      // @ts-expect-error: no such member
      event.data.typ;
      return reply.code(202).send(request.id);
    },
  ),
  { prefix: "/hooks" },
);
// @ts-expect-error: a handler is needed
app.register(webhook("github", "secret"));
