// The packages in what people build with: each bundle is built as they would, and run.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";
import { install, root, run, write } from "./project.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const WANTED = "msg_1 invoice.paid";
const useOf = (name) => `
import { Webhook } from "${name}";
const hook = new Webhook("standard_webhooks", "${SECRET}");
const body = JSON.stringify({ type: "invoice.paid" });
const event = hook.verify(body, hook.sign({ id: "msg_1", body }));
console.log(event.id, event.data.type);
`;
/** The same delivery, verified by the small cores: the one that comes with its scheme, and the larger one. */
const LITE = `
import * as lite from "@hookseal/edge/lite";
import { schemes } from "@hookseal/edge/schemes";
import scheme from "@hookseal/edge/schemes/standard_webhooks";
for (const one of [scheme, schemes.standard_webhooks]) {
  const again = new lite.Webhook(one, "${SECRET}").verify(body, hook.sign({ id: "msg_1", body }));
  if (again.id !== event.id || again.data.type !== event.data.type) throw new Error("lite differs");
}
`;
/** What a browser or a worker does not have is taken away first: the bundle must not ask for it. */
const WITHOUT_NODE = "for (const name of ['Buffer', 'process', 'require', 'global']) delete globalThis[name];\n";

let server;
let browser;
before(() => {
  install();
  server = write("server.mjs", useOf("hookseal"));
  browser = write("browser.mjs", useOf("@hookseal/edge") + LITE);
});

for (const format of ["esm", "cjs"]) {
  test(`esbuild for Node, with the package outside of the bundle (${format})`, async () => {
    const outfile = join(root, `esbuild/server.${format === "esm" ? "mjs" : "cjs"}`);
    await esbuild({ entryPoints: [server], outfile, format, bundle: true, platform: "node", external: ["hookseal"] });
    assert.equal(run(process.execPath, [outfile]), WANTED);
  });
}

test("esbuild for browsers and workers", async () => {
  const outfile = join(root, "esbuild/browser.mjs");
  const banner = { js: WITHOUT_NODE };
  await esbuild({ entryPoints: [browser], outfile, format: "esm", bundle: true, minify: true, platform: "browser", banner });
  assert.equal(run(process.execPath, [outfile]), WANTED);
});

test("Vite for Node", async () => {
  await viteBuild("vite-server", { ssr: server });
  assert.equal(run(process.execPath, [join(root, "vite-server/server.mjs")]), WANTED);
});

test("Vite for browsers", async () => {
  await viteBuild("vite-browser", { lib: { entry: browser, formats: ["es"], fileName: () => "browser.mjs" } });
  const code = `${WITHOUT_NODE}await import(${JSON.stringify(join(root, "vite-browser/browser.mjs"))});`;
  assert.equal(run(process.execPath, ["--input-type=module", "--eval", code]), WANTED);
});

function viteBuild(folder, options) {
  return vite({ root, configFile: false, logLevel: "error", build: { ...options, outDir: folder, emptyOutDir: true } });
}

test("webpack for Node, with the package outside of the bundle", async () => {
  const externals = { hookseal: "commonjs hookseal" };
  await webpackBuild({ entry: server, target: "node20", externals, output: output("webpack", "server.cjs") });
  assert.equal(run(process.execPath, [join(root, "webpack/server.cjs")]), WANTED);
});

test("webpack for browsers", async () => {
  await webpackBuild({ entry: browser, target: "web", output: output("webpack", "browser.cjs") });
  const code = `${WITHOUT_NODE}await import(${JSON.stringify(join(root, "webpack/browser.cjs"))});`;
  assert.equal(run(process.execPath, ["--input-type=module", "--eval", code]), WANTED);
});

function output(folder, filename) {
  return { path: join(root, folder), filename };
}

async function webpackBuild(options) {
  const compiler = webpack({ context: root, mode: "production", ...options });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats))),
  );
  await new Promise((resolve) => compiler.close(resolve));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  // That the bundle is large is a matter of how much is inside.
  const others = warnings.filter(({ message }) => !/size limit|lazy load|code splitting/i.test(message));
  assert.deepEqual([...errors, ...others].map(({ message }) => message), []);
}

test("Next.js: a route in Node with the addon, and one on the edge", { timeout: 240_000 }, async () => {
  write("next/package.json", '{ "private": true, "type": "module" }');
  write("next/next.config.mjs", 'export default { serverExternalPackages: ["hookseal"], turbopack: { root: process.env.REPOSITORY } };');
  write("next/app/layout.js", "export default ({ children }) => <html><body>{children}</body></html>;");
  write("next/app/page.js", 'export default () => "home";');
  write("next/app/node/route.js", route("hookseal", "nodejs", "core"));
  write("next/app/edge/route.js", route("@hookseal/edge", "edge", '"edge"'));
  const cwd = join(root, "next");
  const env = { NEXT_TELEMETRY_DISABLED: "1", CI: "1", REPOSITORY: join(here, "../..") };
  run(process.execPath, [join(here, "node_modules/next/dist/bin/next"), "build"], { cwd, env });

  const port = await freePort();
  const next = join(here, "node_modules/next/dist/bin/next");
  const started = spawn(process.execPath, [next, "start", "--port", `${port}`, "--hostname", "127.0.0.1"], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(started, "exit");
  try {
    for await (const line of started.stdout) if (/Ready/.test(line)) break;
    const { Webhook } = await import(join(root, "node_modules/hookseal/dist/index.js"));
    const body = JSON.stringify({ type: "invoice.paid" });
    const headers = new Webhook("standard_webhooks", SECRET).sign({ id: "msg_1", body });
    for (const [path, core] of [
      ["node", "native"],
      ["edge", "edge"],
    ]) {
      const send = (body) => fetch(`http://127.0.0.1:${port}/${path}`, { method: "POST", body, headers });
      const good = await send(body);
      assert.deepEqual([good.status, await good.text()], [200, `${WANTED} ${core}`]);
      const bad = await send(`${body} `);
      assert.deepEqual([bad.status, await bad.text()], [401, "no_match"]);
    }
  } finally {
    started.kill();
    await exited;
  }
});

function route(name, runtime, core) {
  return `
import * as hookseal from "${name}";
const { Webhook, WebhookError, core } = hookseal;
export const runtime = "${runtime}";
const hook = new Webhook("standard_webhooks", "${SECRET}");
export async function POST(request) {
  try {
    const event = hook.verify(await request.arrayBuffer(), request.headers);
    return new Response([event.id, event.data.type, ${core}].join(" "));
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return new Response(error.code, { status: error.status });
  }
}
`;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
