// For Vercel's edge runtime, which asks for `?module`.
import module from "./engine.wasm?module";
import { run } from "./engine.js";

run(module);

export * from "./lite.js";
