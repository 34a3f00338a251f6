// For Node, Deno, Bun, browsers and bundlers: the wasm is inside this file, compiled at once. No fetch, no file system,
// no top-level await.
import bytes from "#broad-bytes";

export default /* @__PURE__ */ new WebAssembly.Module(bytes);
