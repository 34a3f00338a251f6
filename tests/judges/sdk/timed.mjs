// Libraries of senders that sign a timestamp and the body.

import { createHmac } from "node:crypto";
import Mux from "@mux/mux-node";
import { Paddle } from "@paddle/paddle-node-sdk";
import { encodeSignatureHeader, isValidSignature, SIGNATURE_HEADER_NAME } from "@sanity/webhook";
// Its index also loads a web socket, of which nothing is needed here.
import bolt from "@slack/bolt/dist/receivers/verify-request.js";
import { WorkOS } from "@workos-inc/node";
import { AwsLambdaReceiver } from "@zoom/rivet/meetings";
import Stripe from "stripe";

const secret = "whsec_6rL4vXwq0ZkT1dHs";
const wrong = "whsec_0rL4vXwq0ZkT1dHs";

const hmac = (content, key) => createHmac("sha256", key).update(content).digest("hex");

const mux = new Mux({ tokenId: "none", tokenSecret: "none" });
const paddle = new Paddle("none");
const stripe = new Stripe("sk_test_none");
const workos = new WorkOS("sk_test_none");

export default [
  {
    sdk: "stripe",
    scheme: "stripe",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => Boolean(stripe.webhooks.constructEvent(body, headers["stripe-signature"], key)),
    signs: ({ body, seconds }, key) => ({
      "stripe-signature": stripe.webhooks.generateTestHeaderString({ payload: body, secret: key, timestamp: seconds }),
    }),
  },
  {
    sdk: "@paddle/paddle-node-sdk",
    scheme: "paddle",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => paddle.webhooks.isSignatureValid(body, key, headers["paddle-signature"]),
    signs: ({ body, seconds }, key) => ({ "paddle-signature": `ts=${seconds};h1=${hmac(`${seconds}:${body}`, key)}` }),
  },
  {
    sdk: "@slack/bolt",
    scheme: "slack",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => bolt.isValidSlackRequest({ signingSecret: key, body, headers }),
    signs: ({ body, seconds }, key) => ({
      "x-slack-request-timestamp": String(seconds),
      "x-slack-signature": `v0=${hmac(`v0:${seconds}:${body}`, key)}`,
    }),
  },
  {
    sdk: "@workos-inc/node",
    scheme: "workos",
    secret,
    wrong,
    // It writes the parsed body anew, and hashes that.
    bodies: () => ['{"id":"event_81","event":"user.created","name":"Zoë","amount":1250}'],
    accepts: ({ body, headers }, key) =>
      workos.webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader: headers["workos-signature"], secret: key }),
    signs: async ({ body, now }, key) => {
      const signature = await workos.webhooks.computeSignature(now, JSON.parse(body), key);
      return { "workos-signature": `t=${now}, v1=${signature}` };
    },
  },
  {
    sdk: "@mux/mux-node",
    scheme: "mux",
    secret,
    wrong,
    accepts: async ({ body, headers }, key) => Boolean(await mux.webhooks.unwrap(body, headers, key)),
    signs: async ({ body, seconds }, key) => ({
      "mux-signature": `t=${seconds},v1=${await mux.webhooks.computeSignature(`${seconds}.${body}`, key)}`,
    }),
  },
  {
    sdk: "@sanity/webhook",
    scheme: "sanity",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => isValidSignature(body, headers[SIGNATURE_HEADER_NAME], key),
    signs: async ({ id, type, body, now }, key) => ({
      "idempotency-key": id,
      "sanity-operation": type,
      [SIGNATURE_HEADER_NAME]: await encodeSignatureHeader(body, now, key),
    }),
  },
  {
    sdk: "@zoom/rivet",
    scheme: "zoom",
    secret,
    wrong,
    // It writes the parsed body anew, and hashes that.
    bodies: (now) => [`{"event":"meeting.started","event_ts":${now},"payload":{"account_id":"Zoë","amount":1250}}`],
    accepts: async ({ body, headers }, key) => {
      const receiver = new AwsLambdaReceiver({ webhooksSecretToken: key });
      receiver.init({ eventEmitter: undefined });
      const response = await quietly(() => receiver.start()({ body, headers, isBase64Encoded: false }, {}));
      return response.statusCode === 200;
    },
    signs: ({ id, body, seconds }, key) => ({
      "x-zm-request-timestamp": String(seconds),
      "x-zm-signature": `v0=${hmac(`v0:${seconds}:${body}`, key)}`,
      "x-zm-trackingid": id,
    }),
  },
];

/** Without the debug lines of a library that prints every event. */
async function quietly(run) {
  const { debug } = console;
  console.debug = () => {};
  try {
    return await run();
  } finally {
    console.debug = debug;
  }
}
