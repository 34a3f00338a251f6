// For workerd, which compiles modules of wasm.
export { default } from "./small.wasm";
