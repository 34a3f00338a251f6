// Libraries of senders that follow Standard Webhooks, with its own header names or Svix's.

import { verifyWebhook } from "@clerk/backend/webhooks";
import OpenAI from "openai";
import { validateWebhook } from "replicate";
import { Resend } from "resend";
import * as standard from "standardwebhooks";
import * as svix from "svix";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const wrong = "whsec_plJ3nmyCDGBKInavdOK15jsl2LaLaSwM";

const openai = new OpenAI({ apiKey: "sk_none" });
const resend = new Resend("re_none");

/** A sender, played by the library of the specification's authors. */
const signsAs = (prefix) => (message, key) => ({
  [`${prefix}-id`]: message.id,
  [`${prefix}-timestamp`]: String(message.seconds),
  [`${prefix}-signature`]: new standard.Webhook(key).sign(message.id, new Date(message.now), message.body),
});

export default [
  {
    sdk: "standardwebhooks",
    scheme: "standard_webhooks",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => Boolean(new standard.Webhook(key).verify(body, headers)),
    signs: signsAs("webhook"),
  },
  {
    sdk: "svix",
    scheme: "svix",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => Boolean(new svix.Webhook(key).verify(body, headers)),
    signs: (message, key) => ({
      ...signsAs("svix")(message, key),
      "svix-signature": new svix.Webhook(key).sign(message.id, new Date(message.now), message.body),
    }),
  },
  {
    sdk: "openai",
    scheme: "openai",
    secret,
    wrong,
    accepts: async ({ body, headers }, key) => Boolean(await openai.webhooks.unwrap(body, headers, key)),
    signs: signsAs("webhook"),
  },
  {
    sdk: "@clerk/backend",
    scheme: "clerk",
    secret,
    wrong,
    accepts: async ({ body, headers, method, url }, key) =>
      Boolean(await verifyWebhook(new Request(url, { method, headers, body }), { signingSecret: key })),
    signs: signsAs("svix"),
  },
  {
    sdk: "resend",
    scheme: "resend",
    secret,
    wrong,
    accepts: ({ body, headers }, key) =>
      Boolean(
        resend.webhooks.verify({
          payload: body,
          headers: {
            id: headers["svix-id"],
            timestamp: headers["svix-timestamp"],
            signature: headers["svix-signature"],
          },
          webhookSecret: key,
        }),
      ),
    signs: signsAs("svix"),
  },
  {
    sdk: "replicate",
    scheme: "replicate",
    secret,
    wrong,
    accepts: ({ body, headers }, key) => validateWebhook({ body, headers }, key),
    signs: signsAs("webhook"),
  },
];
