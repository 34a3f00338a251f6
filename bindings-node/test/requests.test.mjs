import * as hookseal from "hookseal";
import { testRequests } from "../../bindings-js/test/requests.mjs";

testRequests(hookseal);
