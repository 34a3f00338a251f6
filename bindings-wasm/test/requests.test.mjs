import * as hookseal from "@hookseal/edge";
import { testRequests } from "../../bindings-js/test/requests.mjs";

testRequests(hookseal);
