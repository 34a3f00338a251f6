import { use } from "../../bindings-js/native.js";
import found from "./core.cjs";

use(found.functions);

/**
 * Which core runs: the native addon, or WebAssembly where there is none for the platform or it cannot be loaded. Both do
 * the same. The environment variable `HOOKSEAL_CORE` asks for one of them.
 */
export const core: "native" | "wasm" = found.kind;

export * from "../../bindings-js/index.js";
export * from "../../bindings-js/client/client.js";
