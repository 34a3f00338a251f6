// Where the raw body is, for users of a small core: the build puts it in place of `raw-body.ts`.

export const RAW_BODY_HINT =
  "pass the raw request body (bytes or string) as received, before any JSON parser touched it: " +
  "`await request.arrayBuffer()`; Hono: `await c.req.arrayBuffer()`";
