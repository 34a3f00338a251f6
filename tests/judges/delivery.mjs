// What sender and receiver of a judge see: messages before they are signed, deliveries after.

import assert from "node:assert/strict";

// The second tells apart libraries that hash the bytes from those that hash something like them.
const BODIES = () => [
  '{"id":"evt_81","type":"invoice.paid","amount":1250}',
  '{ "id": "evt_82", "type": "invoice.paid", "name": "Zoë ☕ 請求", "amount": 1250 }\n',
];

const URL = "https://example.com/hooks/in?source=a%20b&n=1";

/** What is to be sent, with all that a sender may sign. */
export function messagesOf({ bodies = BODIES, headers, method = "POST", url = URL }) {
  // Libraries read the clock, so this is the real time; in whole seconds, because that is what most headers say.
  const seconds = Math.floor(Date.now() / 1000);
  const now = seconds * 1000;
  return bodies(now).map((body, index) => {
    const message = { id: `msg_2mR8vXwq0ZkT1dHs${index}`, type: "invoice.paid", body, method, seconds, now };
    return { ...message, url: typeof url === "function" ? url(body) : url, headers: headers?.(message) ?? {} };
  });
}

/** A message with the headers that sign it. */
export const delivered = (message, signature) => ({ ...message, headers: { ...message.headers, ...signature } });

/** A delivery as nobody signed it. */
export function changed(judge, delivery) {
  const other = judge.change?.(delivery) ?? { ...delivery, body: delivery.body.replace("1250", "9250") };
  assert.notDeepEqual(other, delivery);
  return other;
}
