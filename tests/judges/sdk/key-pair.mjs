// Libraries of senders that sign with a private key, and show the public one.

import { generateKeyPairSync, sign } from "node:crypto";
import { EventWebhook } from "@sendgrid/eventwebhook";
import discord from "discord-interactions";
import Telnyx from "telnyx";

/** A pair: `signing` is what a sender keeps, `verifying` the text that it shows. */
function pair(type, options, signing, verifying) {
  const { privateKey, publicKey } = generateKeyPairSync(type, options);
  return { signing: signing(privateKey), verifying: verifying(publicKey), privateKey };
}

const pem = (key) => key.export({ format: "pem", type: "pkcs8" });
const seed = (key) => `whsk_${Buffer.from(key.export({ format: "jwk" }).d, "base64url").toString("base64")}`;
const raw = (encoding) => (key) => Buffer.from(key.export({ format: "jwk" }).x, "base64url").toString(encoding);
const spki = (key) => key.export({ format: "der", type: "spki" }).toString("base64");

const forDiscord = () => pair("ed25519", {}, pem, raw("hex"));
const forTelnyx = () => pair("ed25519", {}, seed, raw("base64"));
const forSendGrid = () => pair("ec", { namedCurve: "P-256" }, pem, spki);

const sendgrid = new EventWebhook();

export default [
  {
    sdk: "discord-interactions",
    scheme: "discord",
    secret: forDiscord(),
    wrong: forDiscord(),
    accepts: ({ body, headers }, key) =>
      discord.verifyKey(body, headers["x-signature-ed25519"], headers["x-signature-timestamp"], key),
    signs: ({ body, seconds }, { privateKey }) => ({
      "x-signature-timestamp": String(seconds),
      "x-signature-ed25519": sign(null, Buffer.from(seconds + body), privateKey).toString("hex"),
    }),
  },
  {
    sdk: "telnyx",
    scheme: "telnyx",
    secret: forTelnyx(),
    wrong: forTelnyx(),
    accepts: async ({ body, headers }, key) =>
      Boolean(await new Telnyx({ apiKey: "none", publicKey: key }).webhooks.unwrap(body, { headers })),
    signs: ({ body, seconds }, { privateKey }) => ({
      "telnyx-timestamp": String(seconds),
      "telnyx-signature-ed25519": sign(null, Buffer.from(`${seconds}|${body}`), privateKey).toString("base64"),
    }),
  },
  {
    sdk: "@sendgrid/eventwebhook",
    scheme: "sendgrid",
    secret: forSendGrid(),
    wrong: forSendGrid(),
    // It ends every batch with CRLF, which is signed.
    bodies: () => ['[{"event":"delivered","name":"Zoë","amount":1250}]\r\n'],
    accepts: ({ body, headers }, key) =>
      sendgrid.verifySignature(
        sendgrid.convertPublicKeyToECDSA(key),
        body,
        headers["x-twilio-email-event-webhook-signature"],
        headers["x-twilio-email-event-webhook-timestamp"],
      ),
    signs: ({ body, seconds }, { privateKey }) => ({
      "x-twilio-email-event-webhook-timestamp": String(seconds),
      "x-twilio-email-event-webhook-signature": sign("sha256", Buffer.from(seconds + body), privateKey).toString(
        "base64",
      ),
    }),
  },
];
