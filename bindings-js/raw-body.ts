/** Where the frameworks keep the raw body: what to do when a parsed one came. */

/** For users of our adapters: how to leave the body alone. */
export const RAW_BODY = {
  express: 'put the webhook before `express.json()`, or use `express.raw({ type: "*/*" })` for its route',
  fastify: "register the webhook as a plugin of its own, outside of what reads the body",
  koa: "put the webhook before the body parser, or have the parser keep `ctx.request.rawBody`",
  hono: "put the webhook before what reads the body of `c.req.raw`",
  next: "read the body nowhere else, or read it from `request.clone()`",
  nest: "create the app with `NestFactory.create(AppModule, { rawBody: true })`",
  fetch: "read the body nowhere else, or read it from `request.clone()`",
} as const;

export type Framework = keyof typeof RAW_BODY;

/** For whoever calls `verify` itself, with whichever framework. */
export const RAW_BODY_HINT =
  "pass the raw request body (bytes or string) as received, before any JSON parser touched it: " +
  'Express: `express.raw({ type: "*/*" })` for the route; ' +
  'Fastify: `addContentTypeParser("*", { parseAs: "buffer" }, …)`; ' +
  "Koa: `ctx.request.rawBody`; Hono: `await c.req.arrayBuffer()`; Next.js: `await request.arrayBuffer()`; " +
  "NestJS: `{ rawBody: true }` and `request.rawBody`; " +
  'Lambda: `Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8")`';
