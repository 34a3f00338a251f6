// Each judge in both directions: the sender's library accepts what we sign, we accept what it signs, and both refuse
// another secret and a delivery that was changed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Webhook, WebhookError } from "hookseal";
import { changed, delivered, messagesOf } from "./delivery.mjs";
import { forbidNetwork } from "./network.mjs";
import judges from "./sdk/index.mjs";

forbidNetwork();

test("no judge is missing", () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  assert.deepEqual([...new Set(judges.map(({ sdk }) => sdk))].sort(), Object.keys(devDependencies));
  assert.equal(judges.length, 43);
});

for (const judge of judges) {
  const { secret, wrong } = judge;
  const name = `${judge.sdk} (${judge.scheme})`;

  if (!judge.verifyOnly) {
    test(`${name} accepts what we sign`, async () => {
      for (const delivery of weSign(judge, secret)) {
        assert.equal(await judge.accepts(delivery, verifying(secret)), true);
      }
    });

    test(`${name} refuses what we signed with another secret, and what was changed`, async () => {
      for (const delivery of weSign(judge, wrong)) await theyRefuse(judge, delivery);
      for (const delivery of weSign(judge, secret)) await theyRefuse(judge, changed(judge, delivery));
    });
  }

  test(`we accept what ${name} signs`, async () => {
    for (const delivery of await theySign(judge, secret)) {
      assert.equal(await judge.accepts(delivery, verifying(secret)), true, "it refuses its own delivery");
      weVerify(judge, delivery);
    }
  });

  test(`we refuse what ${name} signed with another secret, and what was changed`, async () => {
    for (const delivery of await theySign(judge, wrong)) weRefuse(judge, delivery);
    for (const delivery of await theySign(judge, secret)) {
      await theyRefuse(judge, changed(judge, delivery));
      weRefuse(judge, changed(judge, delivery));
    }
  });
}

// Of a key pair the sender has one half, the receiver the other.
const verifying = (secret) => secret.verifying ?? secret;
const signing = (secret) => secret.signing ?? secret;

function weSign(judge, secret) {
  const hook = webhook(judge, signing(secret));
  return messagesOf(judge).map((message) => delivered(message, hook.sign(message, { now: message.now })));
}

function weVerify(judge, { body, headers, method, url }) {
  return webhook(judge, verifying(judge.secret)).verify(body, headers, { method, url, now: Date.now() });
}

function weRefuse(judge, delivery) {
  assert.throws(
    () => weVerify(judge, delivery),
    (thrown) => thrown instanceof WebhookError && thrown.status < 500,
  );
}

function webhook({ scheme, config }, secret) {
  return new Webhook(scheme, secret, config && { config });
}

function theySign(judge, secret) {
  return Promise.all(
    messagesOf(judge).map(async (message) =>
      judge.writes
        ? { ...message, body: await judge.writes(message, secret) }
        : delivered(message, await judge.signs(message, secret)),
    ),
  );
}

async function theyRefuse(judge, delivery) {
  let accepted;
  try {
    accepted = await judge.accepts(delivery, verifying(judge.secret));
  } catch {
    return;
  }
  assert.equal(accepted, false);
}
