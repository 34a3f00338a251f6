// @ts-check
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Idempotency, MemoryStore } from "hookseal";
import { webhook } from "hookseal/hono";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;
const app = new Hono();

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

app.post("/hooks", webhook("standard_webhooks", WEBHOOK_SECRET, { idempotency }), (context) => {
  const { type, data } = context.var.event.data;
  // What throws is answered with 500: the sender tries again.
  if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
  return context.json({ received: type, amount: data.amount });
});

app.post("/slack", webhook("slack", SLACK_SECRET), (context) => {
  console.log(context.var.event.type);
  return context.body(null, 204);
});

app.post("/echo", async (context) => context.json(await context.req.json()));

serve({ fetch: app.fetch, port: Number(PORT) });
