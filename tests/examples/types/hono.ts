// Compiled, never run: what the handlers know of an event.
import { Hono } from "hono";
import { webhook } from "hookseal/hono";

const app = new Hono<{ Bindings: { SECRET: string } }>();
app.post(
  "/",
  webhook("standard_webhooks", (context) => context.env.SECRET),
  (context) => {
    context.env.SECRET satisfies string;
    context.var.event.data.type satisfies string;
    // @ts-expect-error: no such member
    context.var.event.data.typ;
    return context.body(null, 204);
  },
);
