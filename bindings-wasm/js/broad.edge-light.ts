// For Vercel's edge runtime, which asks for `?module`.
export { default } from "./broad.wasm?module";
