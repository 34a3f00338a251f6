import * as hookseal from "@hookseal/edge";
import { testMistakes } from "../../bindings-js/test/mistakes.mjs";

testMistakes(hookseal);
