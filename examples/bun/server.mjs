import { Idempotency, MemoryStore } from "@hookseal/edge";
import { webhook } from "@hookseal/edge/fetch";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

const hooks = webhook(
  "standard_webhooks",
  WEBHOOK_SECRET,
  (event) => {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return Response.json({ received: type, amount: data.amount });
  },
  { idempotency },
);

const slack = webhook("slack", SLACK_SECRET, (event) => console.log(event.type));

Bun.serve({ port: Number(PORT), routes: { "/hooks": hooks, "/slack": slack } });
