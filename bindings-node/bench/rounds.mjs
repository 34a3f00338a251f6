/**
 * Measures contenders in turns, so that what else the machine does hits all of them alike.
 *
 * The time is the process's own, in which waiting for a processor does not count; what is reported is the least of the
 * rounds, which is the one that was disturbed the least. All of it is in nanoseconds for one call.
 */
const ROUNDS = 15;
const ROUND_MS = 60;

/** The least time of each contender: `{ name: work(index) }` to `{ name: nanoseconds }`. */
export async function leastTimes(contenders) {
  const entries = [];
  for (const [name, work] of Object.entries(contenders)) entries.push({ name, run: runner(work), calls: 1, least: Infinity });
  for (const entry of entries) {
    // Also warms up: to the compiler's last word.
    for (let spent = 0; spent < ROUND_MS * 1e6; entry.calls *= 2) spent = await timeOf(entry.run, entry.calls);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const entry of entries) {
      const nanoseconds = (await timeOf(entry.run, entry.calls)) / entry.calls;
      entry.least = Math.min(entry.least, nanoseconds);
    }
  }
  return Object.fromEntries(entries.map(({ name, least }) => [name, least]));
}

/** A loop of its own for each contender: one that all share would be compiled for none of them. */
function runner(work) {
  const isAsync = work(0) instanceof Promise;
  const loop = isAsync
    ? "return async (calls) => { for (let at = 0; at < calls; at += 1) await work(at); }"
    : "return (calls) => { let last; for (let at = 0; at < calls; at += 1) last = work(at); return last; }";
  return new Function("work", loop)(work);
}

async function timeOf(run, calls) {
  const before = process.cpuUsage();
  await run(calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
