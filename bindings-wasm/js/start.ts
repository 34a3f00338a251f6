import * as glue from "#native";
import { use } from "../../bindings-js/native.js";

/** Makes the core run. Compiling is what the entries differ in; this part is synchronous everywhere. */
export function start(module: WebAssembly.Module): void {
  const { exports } = new WebAssembly.Instance(module, {
    "./hookseal_wasm_bg.js": glue as {} as WebAssembly.ModuleImports,
  });
  const { __wbg_set_wasm } = glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  __wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as () => void)();
  use(glue);
}
