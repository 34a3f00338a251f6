// `npm run bench:lite`: the lite entry in Node and in workerd, against the pure JavaScript libraries and the platform.
import { contenders, PEERS, SIZES } from "./contenders.mjs";
import { printStartups } from "./startup.mjs";
import { bundleWorker, NODEJS_COMPAT, serving } from "./workerd.mjs";

const ROUNDS = 31;
/** How long one sample takes, in milliseconds: longer than what is around it, and short enough to be undisturbed at times. */
const SAMPLE = 15;

const names = Object.keys(await contenders(SIZES[0]));
const inNode = await Promise.all(SIZES.map((size) => contenders(size)));
await measure("Node", async (name, size, times) => {
  const start = performance.now();
  await inNode[size][name](times);
  return performance.now() - start;
});
for (const [name, compatibility] of Object.entries({ workerd: undefined, "workerd with nodejs_compat": NODEJS_COMPAT })) {
  const { folder, remove } = await bundleWorker('export { default } from "./worker.mjs";', ["small.wasm"], compatibility);
  try {
    await serving(folder, (ask, millis) =>
      measure(name, async (contender, size, times) => {
        const start = millis();
        await ask({ name: contender, size, times });
        return millis() - start;
      }),
    );
  } finally {
    remove();
  }
}
await printStartups();

/**
 * Prints the fastest rounds in microseconds, which the other programs of the machine disturb least, and how many times ours
 * those of the others are.
 */
async function measure(runtime, run) {
  for (const [index, size] of SIZES.entries()) {
    const times = {};
    for (const name of names) {
      let count = 20;
      while ((await run(name, index, count)) < SAMPLE) count *= 2;
      times[name] = count;
    }
    const fastest = Object.fromEntries(names.map((name) => [name, Infinity]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of names) {
        fastest[name] = Math.min(fastest[name], ((await run(name, index, times[name])) / times[name]) * 1000);
      }
    }
    const row = names.map((name) => `${name} ${fastest[name].toFixed(2)} µs`).join(", ");
    const best = Math.min(fastest["lite verify"], fastest["lite verifyAsync"]);
    const unparsed = Math.min(fastest["lite verify, unparsed"], fastest["lite verifyAsync, unparsed"]);
    const faster = (name) => `${(fastest[name] / best).toFixed(2)} × as fast as ${name}`;
    const slower = (ours, name) => `${(ours / fastest[name]).toFixed(2)} × the time of ${name}`;
    const parsing = slower(best, "crypto.subtle and JSON");
    console.log(`${runtime}, ${size} bytes: ${row}`);
    console.log(`  lite is ${PEERS.map(faster).join(", ")}; it takes ${parsing}; unparsed, ${slower(unparsed, "bare crypto.subtle")}`);
  }
}
