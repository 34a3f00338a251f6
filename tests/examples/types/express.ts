// Compiled, never run: what the handlers know of an event.
import express from "express";
import { type NaivePayload, type SchemeDefinition } from "hookseal";
import { webhook } from "hookseal/express";

const app = express();
app.post("/standard", webhook("standard_webhooks", "secret"), (_request, response) => {
  response.locals.event.data.type satisfies string;
  // @ts-expect-error: no such member
  response.locals.event.data.typ;
});
app.post(
  "/naive/:tenant",
  webhook("naive", (request) => request.headers.host),
  (request, response) => {
    response.locals.event.data satisfies NaivePayload;
    request.params.tenant satisfies string | string[];
  },
);
app.post(
  "/own",
  webhook<SchemeDefinition, { amount: number }>(
    { id: "a", signature: { from: "header:a", encoding: "hex" } },
    "secret",
  ),
  (_request, response) => {
    response.locals.event.data.amount satisfies number;
  },
);
app.post("/github", webhook("github", ["new", "old"], { limit: 1000 }), (_request, response) => {
  // @ts-expect-error: unknown until it is checked
  response.locals.event.data.action;
});
// @ts-expect-error: a secret is needed
webhook("github");
// @ts-expect-error: not a limit
webhook("github", "secret", { limit: "1mb" });
