// @ts-check
import Router from "@koa/router";
import { Idempotency, MemoryStore } from "hookseal";
import { webhook } from "hookseal/koa";
import Koa from "koa";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;
const router = new Router();

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

router.post("/hooks", webhook("standard_webhooks", WEBHOOK_SECRET, { idempotency }), (context) => {
  const { type, data } = context.state.event.data;
  // What throws is answered with 500: the sender tries again.
  if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
  context.body = { received: type, amount: data.amount };
});

router.post("/slack", webhook("slack", SLACK_SECRET), (context) => {
  console.log(context.state.event.type);
  context.status = 204;
});

new Koa().use(router.routes()).listen(Number(PORT));
