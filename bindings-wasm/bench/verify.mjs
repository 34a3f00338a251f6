import * as hookseal from "@hookseal/edge";
import * as mitata from "mitata";
import * as standardwebhooks from "standardwebhooks";
import { measure } from "../../bindings-js/bench/delivery.mjs";

await measure("@hookseal/edge", hookseal, standardwebhooks, mitata);
