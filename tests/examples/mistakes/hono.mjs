// The usual mistake: something reads the body of every request.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { webhook } from "hookseal/hono";

const { PORT, WEBHOOK_SECRET } = process.env;
const verify = webhook("standard_webhooks", WEBHOOK_SECRET);
const done = (context) => context.body(null, 204);
const app = new Hono();
app.use("/hooks", async (context, next) => {
  await context.req.raw.json();
  await next();
});
// Hono keeps what it read for whoever reads it next.
app.use("/text", async (context, next) => {
  await context.req.text();
  await next();
});
app.use("/raw", async (context, next) => {
  await context.req.arrayBuffer();
  await next();
});
for (const path of ["/hooks", "/text", "/raw"]) app.post(path, verify, done);
serve({ fetch: app.fetch, port: Number(PORT) });
