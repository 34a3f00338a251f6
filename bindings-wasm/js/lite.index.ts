// For Node, Deno, Bun, browsers and bundlers: the wasm is inside this file, compiled at once. No fetch, no file system,
// no top-level await.
import bytes from "#engine";
import { run } from "./engine.js";

run(new WebAssembly.Module(bytes));

export * from "./lite.js";
