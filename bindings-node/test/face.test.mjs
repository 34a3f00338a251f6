import * as hookseal from "hookseal";
import { testFace } from "../../bindings-js/test/face.mjs";

testFace(hookseal);
