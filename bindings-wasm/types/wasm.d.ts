// Written by `npm run build`.
declare const module: WebAssembly.Module;
export default module;
