/** The wasm; the bundler puts its bytes here. */
declare const bytes: Uint8Array<ArrayBuffer>;
export default bytes;
