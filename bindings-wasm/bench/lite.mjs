// `npm run bench:lite`: the lite entry in Node and in workerd, against the pure JavaScript libraries and the platform.
import { contenders, PEERS, SIZES } from "./contenders.mjs";
import { printStartups } from "./startup.mjs";
import { bundleWorker, serving } from "./workerd.mjs";

const ROUNDS = 15;
/** How long one sample takes, in milliseconds: much longer than what is around it. */
const SAMPLE = 40;

const names = Object.keys(await contenders(SIZES[0]));
const inNode = await Promise.all(SIZES.map((size) => contenders(size)));
await measure("Node", async (name, size, times) => {
  const start = performance.now();
  await inNode[size][name](times);
  return performance.now() - start;
});
const { folder, remove } = await bundleWorker('export { default } from "./worker.mjs";', ["small.wasm"]);
try {
  await serving(folder, (ask, millis) =>
    measure("workerd", async (name, size, times) => {
      const start = millis();
      await ask({ name, size, times });
      return millis() - start;
    }),
  );
} finally {
  remove();
}
await printStartups();

/** Prints medians in microseconds, and how many times those of the others are ours. */
async function measure(runtime, run) {
  for (const [index, size] of SIZES.entries()) {
    const samples = Object.fromEntries(names.map((name) => [name, []]));
    const times = {};
    for (const name of names) {
      let count = 20;
      while ((await run(name, index, count)) < SAMPLE) count *= 2;
      times[name] = count;
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of names) samples[name].push((await run(name, index, times[name])) / times[name]);
    }
    const median = (name) => samples[name].sort((a, b) => a - b)[ROUNDS >> 1] * 1000;
    const row = names.map((name) => `${name} ${median(name).toFixed(2)} µs`).join(", ");
    const best = Math.min(median("lite verify"), median("lite verifyAsync"));
    const ratio = (name) => `${(median(name) / best).toFixed(2)} × as fast as ${name}`;
    const others = [...PEERS, "bare crypto.subtle", "crypto.subtle and JSON"];
    console.log(`${runtime}, ${size} bytes: ${row}\n  lite is ${others.map(ratio).join(", ")}`);
  }
}
