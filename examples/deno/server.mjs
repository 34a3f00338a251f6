import { Idempotency, MemoryStore } from "@hookseal/edge";
import { webhook } from "@hookseal/edge/fetch";

// One process: with several, a store of your own that keeps claims in a database.
const idempotency = new Idempotency(new MemoryStore());

const hooks = webhook(
  "standard_webhooks",
  Deno.env.get("WEBHOOK_SECRET") ?? "",
  (event) => {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return Response.json({ received: type, amount: data.amount });
  },
  { idempotency },
);

const slack = webhook("slack", Deno.env.get("SLACK_SECRET") ?? "", (event) => console.log(event.type));

Deno.serve({ port: Number(Deno.env.get("PORT") ?? 3000) }, (request, info) =>
  new URL(request.url).pathname === "/slack" ? slack(request, info) : hooks(request, info),
);
