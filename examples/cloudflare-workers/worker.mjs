// @ts-check
import { webhook } from "@hookseal/edge/fetch";

/** @typedef {{ WEBHOOK_SECRET: string, SLACK_SECRET: string }} Env */

const hooks = webhook(
  "standard_webhooks",
  (/** @type {Env} */ env) => env.WEBHOOK_SECRET,
  (event) => {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return Response.json({ received: type, amount: data.amount });
  },
);

const slack = webhook(
  "slack",
  (/** @type {Env} */ env) => env.SLACK_SECRET,
  (event) => console.log(event.type),
);

export default {
  /** @type {typeof hooks} */
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    return pathname === "/slack" ? slack(request, env, context) : hooks(request, env, context);
  },
};
