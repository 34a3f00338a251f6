// What the core alone asks of its host, and that it works without it. Takes the
// path of the module from CORE_ALONE.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const bytes = readFileSync(process.env.CORE_ALONE);
const module = new WebAssembly.Module(bytes);

test("the core imports nothing", (t) => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  t.diagnostic(`${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} with gzip`);
});

test("every scheme verifies what it signs", (t) => {
  const { schemes, verifying_schemes: verifying } = new WebAssembly.Instance(module).exports;
  assert.ok(schemes(7) > 100, `${schemes(7)} schemes`);
  assert.equal(verifying(7), schemes(7));
  t.diagnostic(`${schemes(7)} schemes`);
});

test("envelopes and retries work", () => {
  const { envelopes, retry_delay_ms: delay } = new WebAssembly.Instance(module).exports;
  assert.equal(envelopes(7), 2);
  assert.equal(delay(7), 7000);
});
