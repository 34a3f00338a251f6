// The usual mistake: the application does not keep the raw body.
import "reflect-metadata";
import { Controller, Module, Post, UseInterceptors } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { webhook } from "hookseal/nest";

class Hooks {
  receive() {}
}
const receive = Object.getOwnPropertyDescriptor(Hooks.prototype, "receive");
UseInterceptors(webhook("standard_webhooks", process.env.WEBHOOK_SECRET))(Hooks.prototype, "receive", receive);
Post("hooks")(Hooks.prototype, "receive", receive);
Controller()(Hooks);
class App {}
Module({ controllers: [Hooks] })(App);
const app = await NestFactory.create(App, { logger: false });
await app.listen(process.env.PORT);
