import type { ErrorCodeInfo } from "../../bindings-js/error.js";

/** The table of errors by the number that the core has for each; the build writes it. */
declare const errors: Record<number, ErrorCodeInfo>;
export default errors;
