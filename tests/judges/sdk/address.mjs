// Libraries of senders that sign where the request goes: method, URL, query or a nonce with it.

import { createHash, createHmac } from "node:crypto";
import { signRequest, verifyRequest } from "@contentful/node-apps-toolkit";
import { Signature } from "@hubspot/api-client";
import { WebhookSignatureValidator } from "mercadopago";
import messagebird from "messagebird/lib/signature.js";
import plivo from "plivo";
import { WebhooksHelper } from "square";
import twilio from "twilio";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";

const secret = "6rL4vXwq0ZkT1dHs";
const wrong = "0rL4vXwq0ZkT1dHs";

const hmac = (content, key, encoding) => createHmac("sha256", key).update(content).digest(encoding);

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const forms = () => ["To=%2B15551250&From=%2B15559999&Body=Zo%C3%AB+%26+co&Empty=", "B=1250&a=2&B=1&B=1250&A=%E2%98%95"];

/** What a form holds, as a framework gives it: a name that comes several times has a list. */
function fieldsOf(form) {
  const fields = new URLSearchParams(form);
  return Object.fromEntries([...new Set(fields.keys())].map((name) => [name, oneOrAll(fields.getAll(name))]));
}

const oneOrAll = (values) => (values.length === 1 ? values[0] : values);

/** Sent elsewhere, where the body is not signed. */
const redirected = (delivery) => ({ ...delivery, url: delivery.url.replace("/hooks/in", "/hooks/out") });

export default [
  {
    sdk: "twilio",
    scheme: "twilio",
    secret,
    wrong,
    headers: () => FORM,
    bodies: forms,
    accepts: ({ body, headers, url }, key) =>
      twilio.validateRequest(key, headers["x-twilio-signature"], url, fieldsOf(body)),
    signs: ({ body, url }, key) => ({ "x-twilio-signature": getExpectedTwilioSignature(key, url, fieldsOf(body)) }),
  },
  {
    sdk: "twilio",
    scheme: "twilio_json",
    secret,
    wrong,
    url: (body) =>
      `https://example.com/hooks/in?n=1&bodySHA256=${createHash("sha256").update(body).digest("hex")}`,
    accepts: ({ body, headers, url }, key) =>
      twilio.validateRequestWithBody(key, headers["x-twilio-signature"], url, body),
    signs: ({ url }, key) => ({ "x-twilio-signature": getExpectedTwilioSignature(key, url, {}) }),
  },
  {
    sdk: "square",
    scheme: "square",
    secret,
    wrong,
    accepts: ({ body, headers, url }, key) =>
      WebhooksHelper.verifySignature({
        requestBody: body,
        signatureHeader: headers["x-square-hmacsha256-signature"],
        signatureKey: key,
        notificationUrl: url,
      }),
    signs: ({ body, url }, key) => ({ "x-square-hmacsha256-signature": hmac(url + body, key, "base64") }),
  },
  {
    sdk: "@hubspot/api-client",
    scheme: "hubspot_v1",
    secret,
    wrong,
    accepts: ({ body, headers }, key) =>
      Signature.isValid({
        signatureVersion: headers["x-hubspot-signature-version"],
        signature: headers["x-hubspot-signature"],
        clientSecret: key,
        requestBody: body,
      }),
    signs: ({ body }, key) => ({
      "x-hubspot-signature-version": "v1",
      "x-hubspot-signature": Signature.getSignature("POST", "v1", { clientSecret: key, requestBody: body }),
    }),
  },
  {
    sdk: "@hubspot/api-client",
    scheme: "hubspot_v2",
    secret,
    wrong,
    method: "PUT",
    accepts: ({ body, headers, method, url }, key) =>
      Signature.isValid({
        signatureVersion: headers["x-hubspot-signature-version"],
        signature: headers["x-hubspot-signature"],
        clientSecret: key,
        requestBody: body,
        method,
        url,
      }),
    signs: ({ body, method, url }, key) => ({
      "x-hubspot-signature-version": "v2",
      "x-hubspot-signature": Signature.getSignature(method, "v2", { clientSecret: key, requestBody: body, url }),
    }),
  },
  {
    sdk: "@hubspot/api-client",
    scheme: "hubspot_v3",
    secret,
    wrong,
    method: "PUT",
    accepts: ({ body, headers, method, url }, key) =>
      Signature.isValid({
        signatureVersion: "v3",
        signature: headers["x-hubspot-signature-v3"],
        timestamp: Number(headers["x-hubspot-request-timestamp"]),
        clientSecret: key,
        requestBody: body,
        method,
        url,
      }),
    signs: ({ body, method, url, now }, key) => ({
      "x-hubspot-request-timestamp": String(now),
      "x-hubspot-signature-v3": Signature.getSignature(method, "v3", {
        clientSecret: key,
        requestBody: body,
        timestamp: now,
        url,
      }),
    }),
  },
  {
    sdk: "plivo",
    scheme: "plivo_v3",
    secret,
    wrong,
    headers: ({ id }) => ({ ...FORM, "x-plivo-signature-v3-nonce": id }),
    bodies: forms,
    accepts: ({ body, headers, method, url }, key) =>
      plivo.validateV3Signature(
        method,
        url,
        headers["x-plivo-signature-v3-nonce"],
        key,
        headers["x-plivo-signature-v3"],
        fieldsOf(body),
      ),
    signs: ({ id, body, url }, key) => {
      const [address, query] = url.split("?");
      const content = `${address}?${pairsOf(query, "=").join("&")}.${pairsOf(body, "").join("")}.${id}`;
      return { "x-plivo-signature-v3": hmac(content, key, "base64") };
    },
  },
  {
    sdk: "plivo",
    scheme: "plivo_v2",
    secret,
    wrong,
    headers: ({ id }) => ({ "x-plivo-signature-v2-nonce": id }),
    change: redirected,
    accepts: ({ headers, url }, key) =>
      plivo.validateSignature(url, headers["x-plivo-signature-v2-nonce"], headers["x-plivo-signature-v2"], key),
    signs: ({ id, url }, key) => ({ "x-plivo-signature-v2": hmac(url.split("?")[0] + id, key, "base64") }),
  },
  {
    sdk: "mercadopago",
    scheme: "mercadopago",
    secret,
    wrong,
    url: "https://example.com/hooks/in?data.id=125081&type=payment",
    headers: ({ id }) => ({ "x-request-id": id }),
    change: (delivery) => ({ ...delivery, url: delivery.url.replace("1250", "9250") }),
    accepts: ({ headers, url }, key) => {
      WebhookSignatureValidator.validate({
        xSignature: headers["x-signature"],
        xRequestId: headers["x-request-id"],
        dataId: new URL(url).searchParams.get("data.id"),
        secret: key,
        toleranceSeconds: 300,
      });
      return true;
    },
    signs: ({ id, seconds }, key) => {
      const signature = hmac(`id:125081;request-id:${id};ts:${seconds};`, key, "hex");
      return { "x-signature": `ts=${seconds},v1=${signature}` };
    },
  },
  {
    sdk: "@contentful/node-apps-toolkit",
    scheme: "contentful",
    secret: "6rL4vXwq0ZkT1dHs".repeat(4),
    wrong: "0rL4vXwq0ZkT1dHs".repeat(4),
    headers: ({ type }) => ({
      "x-contentful-signed-headers": "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic",
      "x-contentful-topic": type,
    }),
    accepts: ({ body, headers, method, url }, key) =>
      verifyRequest(key, { method, path: pathOf(url), headers, body }),
    signs: ({ type, body, method, url, now }, key) =>
      signRequest(key, { method, path: pathOf(url), headers: { "x-contentful-topic": type }, body }, now),
  },
  {
    sdk: "messagebird",
    scheme: "messagebird_legacy",
    secret,
    wrong,
    // No space in the query: the sender's libraries write it in two ways, `%20` in Node and `+` in Python.
    url: "https://example.com/hooks/in?status=delivered&statusDatetime=2026-01-11T09%3A17%3A11%2B00%3A00&id=81",
    accepts: ({ body, headers, url }, key) => messagebird.validate({ headers, body, query: queryOf(url) }, key),
    signs: ({ body, url, seconds }, key) => {
      const headers = { "messagebird-request-timestamp": String(seconds) };
      const signature = messagebird.generate({ headers, body, query: queryOf(url) }, key);
      return { ...headers, "messagebird-signature": signature.toString("base64") };
    },
  },
];

/** The pairs of a query or form, decoded and in order. */
const pairsOf = (text, separator) =>
  [...new URLSearchParams(text)]
    .sort(([a, b], [c, d]) => order(a, c) || order(b, d))
    .map(([name, value]) => name + separator + value);

const order = (a, b) => (a < b ? -1 : Number(a > b));

const pathOf = (url) => url.slice(new URL(url).origin.length);

const queryOf = (url) => Object.fromEntries(new URL(url).searchParams);
