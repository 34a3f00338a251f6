import { test } from "node:test";
import * as hookseal from "hookseal";
import { cases } from "../../bindings-js/test/conformance.mjs";
import { loadVectors } from "../../bindings-js/test/vectors.mjs";

for (const { name, run } of cases(hookseal, loadVectors())) test(name, run);
