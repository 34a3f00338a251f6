/** What a worker's start takes longer with this package in it: the wasm compiled and instantiated, the script run. */
import { bundleWorker, serving } from "./workerd.mjs";

const ROUNDS = 15;
const WORKERS = {
  nothing: ["export default { fetch: () => new Response('done') };", []],
  lite: [
    `import { Webhook } from "@hookseal/edge/lite";
     import scheme from "@hookseal/edge/schemes/stripe";
     export default { fetch: () => new Response(new Webhook(scheme, "whsec_12345678901234567890").scheme) };`,
    ["small.wasm"],
  ],
  "the whole package": [
    `import { Webhook } from "@hookseal/edge";
     export default { fetch: () => new Response(new Webhook("stripe", "whsec_12345678901234567890").scheme) };`,
    ["hookseal.wasm"],
  ],
};

/** Prints the medians, from the start of workerd to the first answer, less that of a worker with nothing in it. */
export async function printStartups() {
  const workers = await Promise.all(
    Object.entries(WORKERS).map(async ([name, of]) => ({ name, samples: [], ...(await bundleWorker(...of)) })),
  );
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { folder, samples } of workers) {
        samples.push(await serving(folder, async (ask, millis) => (await ask({}), millis())));
      }
    }
  } finally {
    for (const { remove } of workers) remove();
  }
  const [nothing, ...others] = workers.map(({ name, samples }) => ({
    name,
    median: samples.sort((a, b) => a - b)[ROUNDS >> 1],
  }));
  for (const { name, median } of others) {
    console.log(`workerd starts and answers ${(median - nothing.median).toFixed(1)} ms later with ${name}`);
  }
}
