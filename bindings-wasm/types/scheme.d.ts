// Written by `npm run build`.
import type { CompiledScheme } from "./lite.js";
declare const scheme: CompiledScheme;
export default scheme;
