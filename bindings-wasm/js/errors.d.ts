import type { ErrorCodeInfo } from "../../bindings-js/error.js";

/** The table of errors; the build writes it. */
declare const errors: ErrorCodeInfo[];
export default errors;
