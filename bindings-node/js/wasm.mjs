// The core as WebAssembly, for where the addon cannot be loaded. Bundled to dist/wasm.cjs, which is required only then.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as glue from "../../bindings-wasm/out/hookseal_wasm_bg.js";

const module = new WebAssembly.Module(readFileSync(join(__dirname, "hookseal.wasm")));
const { exports } = new WebAssembly.Instance(module, { "./hookseal_wasm_bg.js": glue });
glue.__wbg_set_wasm(exports);
exports.__wbindgen_start();

export * from "../../bindings-wasm/out/hookseal_wasm_bg.js";
