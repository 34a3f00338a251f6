/** What the tests of the face share. */
import assert from "node:assert/strict";

export const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
export const BODY = '{"type":"invoice.paid","data":{"name":"café ✓"}}';
export const NOW = 1_777_111_523_250;
export const URL_OF_HOOK = "https://example.com/hooks?a=1";

/** For `assert.throws`: an error of ours, with this code. */
export function codeOf(WebhookError) {
  return (expected) => (error) => {
    assert.ok(error instanceof WebhookError, `${error?.stack}`);
    assert.equal(error.code, expected, error.message);
    return true;
  };
}

/** A webhook of this scheme, with the first secret that it takes; none for a scheme of public keys. */
export function withSecret({ generateKeyPair, Webhook }, scheme, config) {
  const given = Object.fromEntries(Object.keys(config).map((name) => [name, SETTINGS[name] ?? "sample"]));
  const secrets = [SECRET, SECRET.replace("whsec_", ""), "00ff".repeat(16), "secret", "x".repeat(64)];
  for (const secret of [...secrets, generateKeyPair().privateKey]) {
    try {
      return new Webhook(scheme, secret, { config: given });
    } catch (error) {
      assert.equal(error.code, "invalid_secret", `${scheme}: ${error.message}`);
    }
  }
  return undefined;
}

const SETTINGS = { header_name: "x-acme", issuer: "https://example.com" };
