// Each example, with the packages as they are packed and the framework as npm has it: installed, started, posted to.
import { after, before, test } from "node:test";
import { program } from "../../bindings-wasm/test/project.mjs";
import { judge } from "./deliveries.mjs";
import { npm, packed, typecheck } from "./project.mjs";
import { serving } from "./server.mjs";

const limit = { timeout: 900_000 };
const node = ["node", () => ["server.mjs"], {}];
let packages;
before(async () => (packages = await packed()));
after(() => packages?.remove());

for (const [name, version] of [
  ["express", "5"],
  ["express", "4"],
]) {
  test(`Express ${version} receives`, limit, async () => {
    const types = { "@types/express": version, "@types/node": "20" };
    const project = await packages.projectOf(name, { express: version, ...types }, `express-${version}`);
    await typecheck(project, ["server.mjs"], "--types", "node");
    await serving(project, ...node, (url) => judge(url));
  });
}

test("Fastify receives, and other routes parse JSON", limit, async () => {
  const project = await packages.projectOf("fastify", { "@types/node": "20" });
  await typecheck(project, ["server.mjs"], "--types", "node");
  await serving(project, ...node, (url) => judge(url));
});

test("Koa receives", limit, async () => {
  const project = await packages.projectOf("koa", { "@types/koa": "3", "@types/node": "20" });
  await typecheck(project, ["server.mjs"], "--types", "node");
  await serving(project, ...node, (url) => judge(url, { echo: false }));
});

test("Hono receives", limit, async () => {
  const project = await packages.projectOf("hono", { "@types/node": "20" });
  await typecheck(project, ["server.mjs"], "--types", "node");
  await serving(project, ...node, (url) => judge(url));
});

test("NestJS receives", limit, async () => {
  const project = await packages.projectOf("nest");
  await npm(project, "run", "build");
  await serving(project, "node", () => ["dist/main.js"], {}, (url) => judge(url));
});

test("Next.js receives, built and started", limit, async () => {
  const project = await packages.projectOf("next");
  await npm(project, "run", "build");
  const start = (port) => ["node_modules/next/dist/bin/next", "start", "--port", `${port}`];
  await serving(project, "node", start, { NEXT_TELEMETRY_DISABLED: "1" }, (url) => judge(url, { echo: false }));
});

test("Deno receives", limit, async () => {
  const project = await packages.projectOf("deno");
  const args = () => ["run", "--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual", "--allow-net", "--allow-env", "server.mjs"];
  const env = { DENO_DIR: `${project}/.deno`, DENO_NO_UPDATE_CHECK: "1" };
  await serving(project, program("@deno", "deno"), args, env, (url) => judge(url, { echo: false }));
});

test("Bun receives", limit, async () => {
  const project = await packages.projectOf("bun");
  const env = { BUN_INSTALL: `${project}/.bun`, DO_NOT_TRACK: "1" };
  const args = () => ["run", "--no-install", "server.mjs"];
  await serving(project, program("@oven", "bin/bun"), args, env, (url) => judge(url, { echo: false }));
});
