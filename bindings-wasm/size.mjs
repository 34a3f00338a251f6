// `npm run size`: what bundles weigh, in bytes. The tests hold them to `BUDGETS`.
import { BUDGETS, sizes } from "./sizes.mjs";

console.table(
  Object.fromEntries(
    (await sizes()).map(({ name, raw, gzip, brotli }) => [name, { raw, gzip, brotli, budget: BUDGETS[name] ?? "" }]),
  ),
);
