// What the shared sources read of the core, where that is a small one: the build puts it in place of `native.ts`.
import { errors } from "./lite-errors.js";

export const native = { errorCodes: () => errors };
