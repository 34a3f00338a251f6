// The snippets of docs/clients.md, one after the other, with the real server.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { realServer, receiver } from "../../bindings-js/test/client/real-server.mjs";

const PAGE = new URL("../../docs/clients.md", import.meta.url);
const FOLDER = new URL("../out/clients-page/", import.meta.url);

let server;
let target;
before(async () => {
  server = await realServer();
  target = await receiver(() => 204);
});
after(async () => {
  await target?.close();
  await server?.close();
});

test("the snippets of docs/clients.md run", async () => {
  const snippets = [...readFileSync(PAGE, "utf8").matchAll(/^```js\n(.*?)^```$/gms)].map(([, snippet]) => snippet);
  assert.equal(snippets.length, 11);
  // One module: a snippet goes on with what those before it made.
  const code = snippets.join("\n").replaceAll("https://example.com/hooks", target.url);
  mkdirSync(FOLDER, { recursive: true });
  process.env.HOOKSEAL_API_KEY = server.apiKey;
  process.env.HOOKSEAL_URL = server.url;
  const { log } = console;
  const lines = [];
  console.log = (...values) => lines.push(values);
  try {
    const file = new URL("page.mjs", FOLDER);
    writeFileSync(file, code);
    await import(file);
  } finally {
    console.log = log;
    delete process.env.HOOKSEAL_API_KEY;
    delete process.env.HOOKSEAL_URL;
    rmSync(FOLDER, { recursive: true });
  }
  assert.match(lines[0][0], /^evt_/);
  assert.match(lines[2].join(" "), /^true dlv_/);
  assert.deepEqual(lines.at(-2).slice(0, 2), ["invalid_argument", "settings/rate_limit"]);
  assert.deepEqual(lines.at(-1), [true]);
});
