// @ts-check
import express from "express";
import { Idempotency, MemoryStore } from "hookseal";
import { webhook } from "hookseal/express";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;
const app = express();

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

app.post("/hooks", webhook("standard_webhooks", WEBHOOK_SECRET, { idempotency }), (_request, response) => {
  const { type, data } = response.locals.event.data;
  // What throws is answered with 500: the sender tries again.
  if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
  response.json({ received: type, amount: data.amount });
});

app.post("/slack", webhook("slack", SLACK_SECRET), (_request, response) => {
  console.log(response.locals.event.type);
  response.sendStatus(204);
});

// After the webhooks: they need the body as it came.
app.use(express.json());
app.post("/echo", (request, response) => void response.json(request.body));

app.listen(Number(PORT));
