/** The built-in schemes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BODY, codeOf, NOW, SECRET, URL_OF_HOOK, withSecret } from "./sample.mjs";

export function testSchemes(api) {
  const { Webhook, WebhookError } = api;
  const code = codeOf(WebhookError);

  test("every built-in scheme says what it is, and verifies what it signs", () => {
    const verified = [];
    const schemes = api.schemes();
    for (const { id, name, source, confidence, notes, config } of schemes) {
      assert.ok(name && source && ["high", "medium", "low"].includes(confidence), id);
      assert.ok(notes === null || notes.length > 0, id);
      const hook = withSecret(api, id, config);
      if (!hook) continue;
      assert.equal(hook.scheme, id);
      const other = { "x-other": "1" };
      const message = { id: "evt_1", type: "invoice.paid", body: BODY, url: URL_OF_HOOK, headers: other };
      try {
        const signed = hook.sign(message, { now: NOW });
        const { keyIndex } = hook.verify(BODY, { ...other, ...signed }, { url: URL_OF_HOOK, now: NOW });
        assert.equal(keyIndex, 0);
        verified.push(id);
      } catch (error) {
        // A few sign a header or a member of the body that this message does not have, or stand in the body or the URL.
        assert.ok(error instanceof WebhookError, `${id}: ${error.stack}`);
        assert.ok(UNFIT.has(error.code), `${id}: ${error.code}, ${error.message}`);
      }
    }
    assert.ok(verified.length > 180, `only ${verified.length} of ${schemes.length}`);
    const { config } = schemes.find(({ id }) => id === "okta");
    assert.deepEqual(Object.keys(config), ["header_name"]);
    assert.match(config.header_name, /name of the header/i);
  });

  test("a built-in scheme is a start for one of your own", () => {
    const github = api.schemeDefinition("github");
    assert.equal(github.id, "github");
    const own = { ...github, id: "forge", signature: { ...github.signature, from: "header:x-forge-signature" } };
    const signed = new Webhook(own, "secret").sign({ body: BODY });
    assert.equal(new Webhook(own, "secret").verify(BODY, signed).keyIndex, 0);
    assert.ok("x-forge-signature" in signed);
    const json = `\n ${JSON.stringify(own, null, 2)}`;
    assert.equal(new Webhook(json, "secret").verify(BODY, signed).keyIndex, 0);
    assert.equal(api.handshake(json, BODY, signed), null);
    for (const broken of ["{", "{}", json.replace("signature", "signatur")]) {
      assert.throws(() => new Webhook(broken, "secret"), code("invalid_scheme"), broken);
    }
    assert.throws(() => api.schemeDefinition("nobody"), code("unknown_scheme"));
    assert.throws(() => api.schemeDefinition(7), code("invalid_argument"));
  });
}

/** Why a scheme does not sign the sample, or verify it without more than its headers. */
const UNFIT = new Set(["invalid_message", "missing_header", "missing_value", "malformed_body", "malformed_header"]);
