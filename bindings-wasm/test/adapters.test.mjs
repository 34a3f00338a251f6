import * as hookseal from "@hookseal/edge";
import * as fetch from "@hookseal/edge/fetch";
import * as next from "@hookseal/edge/next";
import { testAdapters } from "../../bindings-js/test/adapters.mjs";

testAdapters(hookseal, fetch, next);
