import type { ErrorCode } from "../../bindings-js/error.js";

/** A row of the table of errors, behind the number that the core has for it. */
export type ErrorRow = readonly [
  number: number,
  code: ErrorCode,
  httpStatus: number,
  meaning: string,
  hint: string,
];

/** Those that every small core and their face give; the build writes them. */
declare const rows: readonly ErrorRow[];
export default rows;
