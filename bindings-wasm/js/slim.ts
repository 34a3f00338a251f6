// Without the wasm inside: for browsers that fetch it beside their scripts, and for hosts that bring their own bytes.
// What is called before it was started throws an `Error` that says so.
import { start } from "./start.js";

let started = false;

/** Fetches and starts the core, from beside this file unless `source` says otherwise. Once is enough. */
export async function init(source: string | URL = new URL("./hookseal.wasm", import.meta.url)): Promise<void> {
  if (started) return;
  const response = await fetch(source);
  if (!response.ok) throw new Error(`hookseal.wasm cannot be fetched: HTTP status ${response.status}`);
  const module = await WebAssembly.compile(await response.arrayBuffer());
  initSync(module);
}

/** Starts the core from its bytes, or compiled already. Once is enough. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  if (started) return;
  start(source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  started = true;
}

export * from "../../bindings-js/index.js";
