/** Where the frameworks keep the raw body: what to do when a parsed one came. */

/** How to leave the body alone, by framework. */
export const RAW_BODY = {
  express: 'put the webhook before `express.json()`, or use `express.raw({ type: "*/*" })` for its route',
  fastify: "register the webhook as a plugin of its own, and read the body nowhere else",
  koa: "put the webhook before the body parser, or pass `ctx.request.rawBody`",
  hono: "put the webhook before what calls `c.req.json()`, or pass `await c.req.arrayBuffer()`",
  next: "pass `await request.arrayBuffer()`, and read the body nowhere else",
  nest: "create the app with `{ rawBody: true }`, and pass `request.rawBody`",
  fetch: "pass `await request.arrayBuffer()`, and read the body nowhere else, or of `request.clone()`",
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
