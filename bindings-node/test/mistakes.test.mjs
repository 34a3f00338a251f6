import * as hookseal from "hookseal";
import { testMistakes } from "../../bindings-js/test/mistakes.mjs";

testMistakes(hookseal);
