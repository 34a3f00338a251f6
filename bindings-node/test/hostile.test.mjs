import { createRequire } from "node:module";
import * as hookseal from "hookseal";
import { testHostile } from "../../bindings-js/test/hostile.mjs";

testHostile(hookseal, [createRequire(import.meta.url)("hookseal")]);
