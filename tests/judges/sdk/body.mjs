// Libraries of senders that sign the body and nothing else.

import { createHmac } from "node:crypto";
import "@shopify/shopify-api/adapters/node";
import EasyPost from "@easypost/api";
import { validateSignature } from "@line/bot-sdk";
import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { signWebhookPayload, verifyWebhookSignature } from "@notionhq/client";
import * as octokit from "@octokit/webhooks-methods";
import { WebhookEventVerifier } from "@onfido/api";
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { verifySignature as verifyGoCardless } from "gocardless-nodejs";
import ModernTreasury from "modern-treasury";
import Pusher from "pusher";
import Razorpay from "razorpay";

const secret = "6rL4vXwq0ZkT1dHs";
const wrong = "0rL4vXwq0ZkT1dHs";

/** HMAC-SHA256 of the body, for libraries that only verify. */
const hmac = (body, key, encoding) => createHmac("sha256", key).update(body).digest(encoding);

const easypost = new EasyPost("EZ_none");
const modernTreasury = new ModernTreasury({ apiKey: "none", organizationID: "none" });
const pusher = (key) => new Pusher({ appId: "1", key: "app_key", secret: key, cluster: "eu" });
const shopify = (key) =>
  shopifyApi({
    apiKey: "none",
    apiSecretKey: key,
    apiVersion: ApiVersion.January26,
    hostName: "example.com",
    isEmbeddedApp: false,
    logger: { level: LogSeverity.Error },
  });

export default [
  {
    sdk: "@octokit/webhooks-methods",
    scheme: "github",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => octokit.verify(key, body, headers["x-hub-signature-256"]),
    signs: async ({ id, type, body }, key) => ({
      "x-github-delivery": id,
      "x-github-event": type,
      "x-hub-signature-256": await octokit.sign(key, body),
    }),
  },
  {
    sdk: "@shopify/shopify-api",
    scheme: "shopify",
    secret,
    wrong,
    headers: () => ({ "x-shopify-api-version": "2026-01", "x-shopify-shop-domain": "demo.myshopify.com" }),
    accepts: async ({ body, headers, method, url }, key) => {
      const rawRequest = { headers, method, url: new URL(url).pathname };
      return (await shopify(key).webhooks.validate({ rawBody: body, rawRequest })).valid;
    },
    signs: ({ id, type, body }, key) => ({
      "x-shopify-hmac-sha256": hmac(body, key, "base64"),
      "x-shopify-topic": type,
      "x-shopify-webhook-id": id,
    }),
  },
  {
    sdk: "@line/bot-sdk",
    scheme: "line",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => validateSignature(body, key, headers["x-line-signature"]),
    signs: ({ body }, key) => ({ "x-line-signature": hmac(body, key, "base64") }),
  },
  {
    sdk: "razorpay",
    scheme: "razorpay",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => Razorpay.validateWebhookSignature(body, headers["x-razorpay-signature"], key),
    signs: ({ id, body }, key) => ({ "x-razorpay-event-id": id, "x-razorpay-signature": hmac(body, key, "hex") }),
  },
  {
    sdk: "@notionhq/client",
    scheme: "notion",
    secret,
    wrong,
    accepts: ({ body, headers }, key) =>
      verifyWebhookSignature({ body, signature: headers["x-notion-signature"], verificationToken: key }),
    signs: async ({ body }, key) => ({
      "x-notion-signature": await signWebhookPayload({ body, verificationToken: key }),
    }),
  },
  {
    sdk: "modern-treasury",
    scheme: "modern_treasury",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => modernTreasury.webhooks.validateSignature(body, headers, { key }),
    signs: ({ body }, key) => ({ "x-signature": modernTreasury.webhooks.getSignature(body, { key }) }),
  },
  {
    sdk: "pusher",
    scheme: "pusher",
    secret,
    wrong,
    headers: () => ({ "content-type": "application/json", "x-pusher-key": "app_key" }),
    accepts: ({ body, headers }, key) => pusher(key).webhook({ headers, rawBody: body }).isValid(),
    signs: ({ body }, key) => ({ "x-pusher-signature": new Pusher.Token("app_key", key).sign(body) }),
  },
  {
    sdk: "@linear/sdk",
    scheme: "linear",
    secret,
    wrong,
    // It reads the time from the body.
    bodies: (now) => [`{"type":"Issue","amount":1250,"webhookTimestamp":${now}}`],
    accepts: ({ body, headers }, key) =>
      new LinearWebhookClient(key).verify(Buffer.from(body), headers["linear-signature"]),
    signs: ({ id, type, body }, key) => ({
      "linear-delivery": id,
      "linear-event": type,
      "linear-signature": hmac(body, key, "hex"),
    }),
  },
  {
    sdk: "gocardless-nodejs",
    scheme: "gocardless",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => verifyGoCardless(body, key, headers["webhook-signature"]) ?? true,
    signs: ({ body }, key) => ({ "webhook-signature": hmac(body, key, "hex") }),
  },
  {
    sdk: "@onfido/api",
    scheme: "onfido",
    secret,
    wrong,
    accepts: ({ body, headers }, key) =>
      Boolean(new WebhookEventVerifier(key).readPayload(body, headers["x-sha2-signature"])),
    signs: ({ body }, key) => ({ "x-sha2-signature": hmac(body, key, "hex") }),
  },
  {
    sdk: "@easypost/api",
    scheme: "easypost",
    // Both sides normalise it (NFKD): é becomes e and an accent.
    secret: "café-6rL4vXwq0ZkT1dHs",
    wrong: "cafe-6rL4vXwq0ZkT1dHs",
    accepts: ({ body, headers }, key) => Boolean(easypost.Utils.validateWebhook(Buffer.from(body), headers, key)),
    signs: ({ body }, key) => ({ "x-hmac-signature": `hmac-sha256-hex=${hmac(body, key.normalize("NFKD"), "hex")}` }),
  },
];
