import * as hookseal from "hookseal";
import * as mitata from "mitata";
import * as standardwebhooks from "standardwebhooks";
import { measure } from "../../bindings-js/bench/delivery.mjs";

await measure("hookseal", hookseal, standardwebhooks, mitata);
