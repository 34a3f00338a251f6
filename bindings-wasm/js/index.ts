// For Node, Deno, Bun, browsers and bundlers: the wasm is inside this file, compiled at once. No fetch, no file system,
// no top-level await.
import bytes from "#bytes";
import { start } from "./start.js";

start(new WebAssembly.Module(bytes));

export * from "../../bindings-js/index.js";
