// What the core alone asks of its host, and that it works without it. Takes the
// paths of the module from CORE_ALONE, and from CORE_ALONE_PLAIN that of the one
// without key pairs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

const builds = [
  { name: "with key pairs", path: process.env.CORE_ALONE, pairs: 1 },
  { name: "without key pairs", path: process.env.CORE_ALONE_PLAIN, pairs: 0 },
];

for (const { name, path, pairs } of builds) {
  const bytes = readFileSync(path);
  const module = new WebAssembly.Module(bytes);
  const core = () => new WebAssembly.Instance(module).exports;

  test(`the core ${name} imports nothing`, (t) => {
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const [gzip, brotli] = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
    t.diagnostic(`${name}: ${bytes.length} bytes, ${gzip.length} with gzip, ${brotli.length} with brotli`);
  });

  test(`every scheme ${name} verifies what it signs`, (t) => {
    const { schemes, verifying_schemes: verifying, tokens } = core();
    assert.ok(schemes(7) > 200, `${schemes(7)} schemes`);
    assert.equal(verifying(7), schemes(7));
    assert.ok(tokens(7) >= 3, `${tokens(7)} of tokens`);
    t.diagnostic(`${name}: ${schemes(7)} schemes, ${tokens(7)} of tokens`);
  });

  test(`key pairs, handshakes, published keys and explanations work ${name}`, () => {
    const { key_pair_works: pair, handshakes, key_requests: keys, findings } = core();
    assert.equal(pair(7), pairs);
    assert.equal(handshakes(7), 3);
    assert.equal(keys(7), 2);
    assert.ok(findings(7) > 0);
  });

  test(`envelopes and retries work ${name}`, () => {
    const { envelopes, retry_delay_ms: delay } = core();
    assert.equal(envelopes(7), 2);
    assert.equal(delay(7), 7000);
  });
}
