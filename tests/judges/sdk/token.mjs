// Libraries of senders whose signature is a JSON Web Token with a hash of the body in it. We only verify those: what a
// token says beyond the signature is for its issuer to know.

import { createHash, createHmac, createSecretKey } from "node:crypto";
import { Receiver } from "@upstash/qstash";
import { AccessToken, WebhookReceiver } from "livekit-server-sdk";
import messagebird from "messagebird/lib/webhook-signature-jwt.js";

const secret = "6rL4vXwq0ZkT1dHs6rL4vXwq0ZkT1dHs";
const wrong = "0rL4vXwq0ZkT1dHs6rL4vXwq0ZkT1dHs";

const sha256 = (text, encoding) => createHash("sha256").update(text).digest(encoding);

/** A token as RFC 7515 has it, for libraries that only verify. */
function jwt(claims, key) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
}

export default [
  {
    sdk: "@upstash/qstash",
    scheme: "qstash",
    secret,
    wrong,
    verifyOnly: true,
    accepts: ({ body, headers, url }, key) =>
      new Receiver({ currentSigningKey: key, nextSigningKey: key }).verify({
        signature: headers["upstash-signature"],
        body,
        url,
      }),
    signs: ({ id, body, url, seconds }, key) => ({
      "upstash-message-id": id,
      "upstash-signature": jwt(
        {
          iss: "Upstash",
          sub: url,
          iat: seconds,
          nbf: seconds,
          exp: seconds + 300,
          jti: id,
          body: sha256(body, "base64url"),
        },
        key,
      ),
    }),
  },
  {
    sdk: "livekit-server-sdk",
    scheme: "livekit",
    secret,
    wrong,
    config: { api_key: "APIkey" },
    verifyOnly: true,
    bodies: () => ['{"event":"room_started","id":"EV_1250","room":{"name":"Zoë"}}'],
    accepts: async ({ body, headers }, key) =>
      Boolean(await new WebhookReceiver("APIkey", key).receive(body, headers.authorization)),
    signs: async ({ body }, key) => {
      const token = new AccessToken("APIkey", key);
      token.sha256 = sha256(body, "base64");
      return { authorization: await token.toJwt() };
    },
  },
  {
    sdk: "messagebird",
    scheme: "messagebird",
    secret,
    wrong,
    verifyOnly: true,
    accepts: ({ body, headers, url }, key) =>
      messagebird.verify(
        url,
        Buffer.from(body),
        headers[messagebird.SIGNATURE_HEADER_NAME],
        createSecretKey(Buffer.from(key)),
      ),
    signs: ({ id, body, url, seconds }, key) => ({
      [messagebird.SIGNATURE_HEADER_NAME]: jwt(
        {
          iss: "MessageBird",
          nbf: seconds,
          exp: seconds + 60,
          jti: id,
          url_hash: sha256(url, "hex"),
          payload_hash: sha256(body, "hex"),
        },
        key,
      ),
    }),
  },
];
