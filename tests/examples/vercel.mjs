// Serves the functions of the example as Vercel does: each in the edge runtime, by its path.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { forVercel } from "./bundle.mjs";

const [project] = process.argv.slice(2);
const { EdgeRuntime, runServer } = createRequire(join(project, "package.json"))("edge-runtime");

const script = await forVercel(
  project,
  `
    import hooks from "./api/hooks.mjs";
    import slack from "./api/slack.mjs";
    const functions = { "/api/hooks": hooks, "/api/slack": slack };
    addEventListener("fetch", (event) => {
      event.respondWith(functions[new URL(event.request.url).pathname](event.request, { waitUntil: () => {} }));
    });
  `,
);
const { PORT, SLACK_SECRET, WEBHOOK_SECRET } = process.env;
const wasm = readFileSync(join(project, "node_modules/@hookseal/edge/dist/hookseal.wasm"));
const runtime = new EdgeRuntime({
  extend: (context) =>
    Object.assign(context, {
      compiledWasm: new WebAssembly.Module(wasm),
      process: { env: { SLACK_SECRET, WEBHOOK_SECRET } },
    }),
  initialCode: script,
});
await runServer({ runtime, port: Number(PORT), host: "127.0.0.1" });
