// @ts-check
import { webhook } from "@hookseal/edge/fetch";

export const config = { runtime: "edge" };

export default webhook("standard_webhooks", process.env.WEBHOOK_SECRET ?? "", (event) => {
  const { type, data } = event.data;
  // What throws is answered with 500: the sender tries again.
  if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
  return Response.json({ received: type, amount: data.amount });
});
