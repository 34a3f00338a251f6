// The table of errors, of those that a small core and its face give, by the number that the core has for each.
import rows, { type ErrorRow } from "#errors";
import type { ErrorCodeInfo } from "../../bindings-js/error.js";

export const errors: ErrorCodeInfo[] = [];

/** Adds what a core gives besides the others. */
export function addErrors(rows: readonly ErrorRow[]): void {
  for (const [number, code, httpStatus, meaning, hint] of rows) errors[number] = { code, httpStatus, meaning, hint };
}

addErrors(rows);
