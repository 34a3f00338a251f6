/** What the face adds to the core: every kind of body, headers and argument, and no error but its own. */
import { testArguments } from "./face/arguments.mjs";
import { testBodies } from "./face/bodies.mjs";
import { testHeaders } from "./face/headers.mjs";
import { testIdempotency } from "./face/idempotency.mjs";
import { testRetry } from "./face/retry.mjs";
import { testSchemes } from "./face/schemes.mjs";
import { testTypes } from "./face/types.mjs";
import { testVerify } from "./face/verify.mjs";

export function testFace(api) {
  testVerify(api);
  testBodies(api);
  testHeaders(api);
  testArguments(api);
  testSchemes(api);
  testIdempotency(api);
  testRetry(api);
  testTypes(api);
}
