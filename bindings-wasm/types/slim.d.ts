// Written by `npm run build` from the sources in TypeScript.
export * from "@hookseal/edge";

/** Fetches and starts the core, from beside this file unless `source` says otherwise. Once is enough. */
declare function init(source?: string | URL): Promise<void>;
/** Starts the core from its bytes, or compiled already. Once is enough. */
declare function initSync(source: BufferSource | WebAssembly.Module): void;
export { init, initSync };
export type {  };
