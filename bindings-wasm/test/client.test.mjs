import * as client from "@hookseal/edge/client";
import { testClient } from "../../bindings-js/test/client.mjs";

testClient(client);
