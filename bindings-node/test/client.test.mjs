import * as hookseal from "hookseal";
import { testClient } from "../../bindings-js/test/client.mjs";

testClient(hookseal);
