// @ts-check
import { Idempotency, MemoryStore } from "hookseal";
import { webhook } from "hookseal/next";

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

export const { POST } = webhook(
  "standard_webhooks",
  () => process.env.WEBHOOK_SECRET,
  (event) => {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return Response.json({ received: type, amount: data.amount });
  },
  { idempotency },
);
