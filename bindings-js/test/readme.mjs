/** Runs every JavaScript snippet of a README as it stands. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

/** `check` looks at the modules that the snippets are, in their order. */
export function testReadme(packageUrl, check) {
  test("the snippets of README.md run", async () => {
    const snippets = [...readFileSync(new URL("README.md", packageUrl), "utf8").matchAll(/^```js\n(.*?)^```$/gms)];
    assert.ok(snippets.length > 0);
    // Inside the package, so that they import it by its name.
    const folder = new URL("out/readme/", packageUrl);
    mkdirSync(folder, { recursive: true });
    try {
      const modules = [];
      for (const [index, [, snippet]] of snippets.entries()) {
        const file = new URL(`${index}.mjs`, folder);
        writeFileSync(file, snippet);
        modules.push(await import(file));
      }
      await check(modules);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
