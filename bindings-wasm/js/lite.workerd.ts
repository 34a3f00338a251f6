// For the Workers runtime, which compiles wasm when a worker is deployed and never at run time.
import module from "./engine.wasm";
import { run } from "./engine.js";

run(module);

export * from "./lite.js";
