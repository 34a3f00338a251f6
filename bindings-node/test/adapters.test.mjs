import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as hookseal from "hookseal";
import * as fetch from "hookseal/fetch";
import * as next from "hookseal/next";
import { testAdapters } from "../../bindings-js/test/adapters.mjs";

testAdapters(hookseal, fetch, next);

test("what is required is the same as what is imported", async () => {
  const require = createRequire(import.meta.url);
  for (const name of ["express", "fastify", "koa", "nest", "hono", "next", "fetch"]) {
    const { webhook } = require(`hookseal/${name}`);
    assert.equal(webhook.length, (await import(`hookseal/${name}`)).webhook.length);
    if (name === "next") continue; // It looks at its secret when a request comes.
    assert.throws(() => webhook("nobody", "secret", () => {}), hookseal.WebhookError, name);
  }
});
