import * as hookseal from "@hookseal/edge";
import { testFace } from "../../bindings-js/test/face.mjs";

testFace(hookseal);
