// Compiled, never run: what the handlers know of an event.
import Router from "@koa/router";
import Koa from "koa";
import { webhook } from "hookseal/koa";

new Router().post(
  "/",
  webhook("standard_webhooks", (context) => context.req.headers.host),
  (context) => {
    context.state.event.data.type satisfies string;
    // @ts-expect-error: no such member
    context.state.event.data.typ;
  },
);
new Koa().use(webhook("standard_webhooks", "secret")).use((context) => {
  context.state.event.data.type satisfies string;
});
