// Each example, with the packages as they are packed and the framework as npm has it: installed, started, posted to.
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { program } from "../../bindings-wasm/test/project.mjs";
import { forWorkers } from "./bundle.mjs";
import { deliver, judge } from "./deliveries.mjs";
import { compile, npm, packed, typecheck } from "./project.mjs";
import { serving } from "./server.mjs";
import { configOf } from "./workerd-config.mjs";

const limit = { timeout: 900_000 };
const node = ["node", () => ["server.mjs"], {}];
let packages;
before(async () => (packages = await packed()));
after(() => packages?.remove());

for (const version of ["5", "4"]) {
  const others = { express: version, "@types/express": version, "@types/node": "20" };

  test(`Express ${version} receives`, limit, async () => {
    const project = await packages.projectOf("express", others, `express-${version}`);
    await typecheck(project, ["server.mjs", "types.express.ts"]);
    await serving(project, ...node, (url) => judge(url));
    await mistaken(project, "express", ["/raw", "/text"]);
  });
}

test("Fastify receives, and other routes parse JSON", limit, async () => {
  const project = await packages.projectOf("fastify", { "@types/node": "20" });
  await typecheck(project, ["server.mjs", "types.fastify.ts"]);
  await serving(project, ...node, (url) => judge(url));
});

test("Koa receives", limit, async () => {
  const project = await packages.projectOf("koa", { "@types/koa": "3", "@types/node": "20" });
  await typecheck(project, ["server.mjs", "types.koa.ts"]);
  await serving(project, ...node, (url) => judge(url, { echo: false }));
  await mistaken(project, "koa", ["/raw"]);
});

test("Hono receives", limit, async () => {
  const project = await packages.projectOf("hono", { "@types/node": "20" });
  await typecheck(project, ["server.mjs", "types.hono.ts"]);
  await serving(project, ...node, (url) => judge(url));
  await mistaken(project, "hono", ["/raw", "/text"]);
});

test("NestJS receives", limit, async () => {
  const project = await packages.projectOf("nest", { "@types/express": "5", "@types/node": "20" });
  await compile(project);
  await serving(
    project,
    "node",
    () => ["dist/main.js"],
    {},
    (url) => judge(url),
  );
  await mistaken(project, "nest", []);
});

test("Next.js receives, built and started", limit, async () => {
  const project = await packages.projectOf("next");
  await npm(project, "run", "build");
  const start = (port) => ["node_modules/next/dist/bin/next", "start", "--port", `${port}`];
  await serving(project, "node", start, { NEXT_TELEMETRY_DISABLED: "1" }, (url) => judge(url, { echo: false }));
});

test("Deno receives", limit, async () => {
  const project = await packages.projectOf("deno");
  const args = () => [
    "run",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    "--node-modules-dir=manual",
    "--allow-net",
    "--allow-env",
    "server.mjs",
  ];
  const env = { DENO_DIR: `${project}/.deno`, DENO_NO_UPDATE_CHECK: "1" };
  await serving(project, program("@deno", "deno"), args, env, (url) => judge(url, { echo: false }));
});

test("Bun receives", limit, async () => {
  const project = await packages.projectOf("bun");
  const env = { BUN_INSTALL: `${project}/.bun`, DO_NOT_TRACK: "1" };
  const args = () => ["run", "--no-install", "server.mjs"];
  await serving(project, program("@oven", "bin/bun"), args, env, (url) => judge(url, { echo: false }));
});

test("Cloudflare's runtime receives", limit, async () => {
  const project = await packages.projectOf("cloudflare-workers", { "@cloudflare/workers-types": "4" });
  await typecheck(project, ["worker.mjs"], ["--types", "@cloudflare/workers-types", "--lib", "ES2022"]);
  await forWorkers(project, "worker.mjs", project);
  const args = (port) => {
    writeFileSync(join(project, "worker.capnp"), configOf(port));
    return ["serve", "worker.capnp"];
  };
  const workerd = program("@cloudflare", "bin/workerd");
  await serving(project, workerd, args, {}, (url) => judge(url, { duplicates: false, echo: false }));
});

test("Vercel's edge runtime receives", limit, async () => {
  const project = await packages.projectOf("vercel-edge", { "edge-runtime": "4" });
  const script = fileURLToPath(new URL("vercel.mjs", import.meta.url));
  await serving(
    project,
    "node",
    () => [script, project],
    {},
    (url) => judge(url, { duplicates: false, echo: false, path: "/api/hooks", slackPath: "/api/slack" }),
  );
});

/** A server that parses bodies before the webhook sees them says what to do; at `paths` the bytes are still there. */
async function mistaken(project, framework, paths) {
  copyFileSync(new URL(`mistakes/${framework}.mjs`, import.meta.url), join(project, "mistake.mjs"));
  await serving(
    project,
    "node",
    () => ["mistake.mjs"],
    {},
    async (url) => {
      const { status, text } = await deliver(`${url}/hooks`);
      assert.equal(status, 500);
      const { code, hint } = JSON.parse(text).error;
      assert.deepEqual([code, hint], ["body_not_raw", RAW_BODY[framework]]);
      for (const path of paths) assert.equal((await deliver(url + path)).status, 204, path);
    },
  );
}

/** The advice of each adapter. */
const RAW_BODY = {
  express: 'put the webhook before `express.json()`, or use `express.raw({ type: "*/*" })` for its route',
  koa: "put the webhook before the body parser, or have the parser keep `ctx.request.rawBody`",
  hono: "put the webhook before what reads the body of `c.req.raw`",
  nest: "create the app with `NestFactory.create(AppModule, { rawBody: true })`",
};
