import { use } from "../../bindings-js/native.js";
import addon from "../native.cjs";

use(addon);

export * from "../../bindings-js/index.js";
