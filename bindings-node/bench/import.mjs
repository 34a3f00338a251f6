/** How long it takes until a package can be used: from the start of a process, less that of one that imports nothing. */
import { spawnSync } from "node:child_process";

const ROUNDS = 15;
const CODE = {
  nothing: "",
  hookseal: 'import "hookseal";',
  standardwebhooks: 'import "standardwebhooks";',
  svix: 'import "svix";',
  "@octokit/webhooks-methods": 'import "@octokit/webhooks-methods";',
};

// Processor time, the least of the rounds.
const least = Object.fromEntries(Object.keys(CODE).map((name) => [name, Infinity]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, code] of Object.entries(CODE)) least[name] = Math.min(least[name], run(code));
}
for (const name of Object.keys(CODE).slice(1)) {
  const [ours, its] = [least.hookseal - least.nothing, least[name] - least.nothing];
  const ratio = name === "hookseal" ? "" : `: hookseal takes ${(ours / its).toFixed(2)} × of it`;
  console.log(`import of ${name}: ${its.toFixed(1)} ms${ratio}`);
}

function run(code) {
  const print = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000);";
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", `${code}${print}`], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
