// For the Workers runtime, which compiles wasm when a worker is deployed and never at run time.
import module from "./hookseal.wasm";
import { start } from "./start.js";

start(module);

export * from "../../bindings-js/index.js";
