// For Vercel's edge runtime, which asks for `?module`.
import module from "./hookseal.wasm?module";
import { start } from "./start.js";

start(module);

export * from "../../bindings-js/index.js";
