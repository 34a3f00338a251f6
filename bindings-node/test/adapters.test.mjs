import * as hookseal from "hookseal";
import * as fetch from "hookseal/fetch";
import * as next from "hookseal/next";
import { testAdapters } from "../../bindings-js/test/adapters.mjs";

testAdapters(hookseal, fetch, next);
