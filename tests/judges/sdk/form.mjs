// Libraries of senders that put the signature into a form, beside what it signs. We only verify those: the rest of the
// form is theirs to write.

import { createHmac } from "node:crypto";
import { EventCallbackHelper, EventCallbackRequest } from "@dropbox/sign";
import braintree from "braintree";

const secret = "6rL4vXwq0ZkT1dHs";
const wrong = "0rL4vXwq0ZkT1dHs";

const headers = () => ({ "content-type": "application/x-www-form-urlencoded" });

const gateway = (key) =>
  new braintree.BraintreeGateway({
    environment: braintree.Environment.Sandbox,
    merchantId: "none",
    publicKey: "public_key",
    privateKey: key,
  });

const dropboxEvent = (body) => JSON.parse(new URLSearchParams(body).get("json"));

export default [
  {
    sdk: "braintree",
    scheme: "braintree",
    secret,
    wrong,
    config: { public_key: "public_key" },
    verifyOnly: true,
    headers,
    writes: (_, key) => {
      const kind = braintree.WebhookNotification.Kind.SubscriptionWentPastDue;
      return String(new URLSearchParams(gateway(key).webhookTesting.sampleNotification(kind, "1250")));
    },
    change: (delivery) => {
      const form = new URLSearchParams(delivery.body);
      const payload = Buffer.from(form.get("bt_payload"), "base64").toString().replace("1250", "9250");
      form.set("bt_payload", `${Buffer.from(payload).toString("base64")}\n`);
      return { ...delivery, body: String(form) };
    },
    accepts: async ({ body }, key) => {
      const form = new URLSearchParams(body);
      return Boolean(await gateway(key).webhookNotification.parse(form.get("bt_signature"), form.get("bt_payload")));
    },
  },
  {
    sdk: "@dropbox/sign",
    scheme: "dropbox_sign",
    secret,
    wrong,
    verifyOnly: true,
    headers,
    writes: ({ seconds }, key) => {
      const event_time = String(seconds);
      const event_type = "signature_request_signed";
      const event_hash = createHmac("sha256", key).update(event_time + event_type).digest("hex");
      return String(new URLSearchParams({ json: JSON.stringify({ event: { event_time, event_type, event_hash } }) }));
    },
    change: (delivery) => ({ ...delivery, body: delivery.body.replace("request_signed", "request_sent") }),
    accepts: ({ body }, key) => EventCallbackHelper.isValid(key, EventCallbackRequest.init(dropboxEvent(body))),
  },
];
