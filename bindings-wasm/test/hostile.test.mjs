import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as hookseal from "@hookseal/edge";
import * as slim from "@hookseal/edge/slim";
import { testHostile } from "../../bindings-js/test/hostile.mjs";

slim.initSync(readFileSync(new URL("../dist/hookseal.wasm", import.meta.url)));
testHostile(hookseal, [createRequire(import.meta.url)("@hookseal/edge"), slim]);
