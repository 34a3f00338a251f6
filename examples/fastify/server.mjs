// @ts-check
import Fastify from "fastify";
import { Idempotency, MemoryStore } from "hookseal";
import { webhook } from "hookseal/fastify";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;
const app = Fastify();

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

const hooks = webhook(
  "standard_webhooks",
  WEBHOOK_SECRET,
  (event) => {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return { received: type, amount: data.amount };
  },
  { idempotency },
);
app.register(hooks, { prefix: "/hooks" });

app.register(
  webhook("slack", SLACK_SECRET, (event) => console.log(event.type)),
  { prefix: "/slack" },
);

app.post("/echo", async (request) => request.body);

await app.listen({ port: Number(PORT), host: "127.0.0.1" });
