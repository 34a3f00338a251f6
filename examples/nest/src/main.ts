import "reflect-metadata";
import { Body, Controller, HttpCode, Module, Post, UseInterceptors } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { Idempotency, MemoryStore, type StandardPayload, type Verified } from "hookseal";
import { webhook, WebhookEvent } from "hookseal/nest";

const { PORT = "3000", SLACK_SECRET = "", WEBHOOK_SECRET = "" } = process.env;

// One process: with several, a RedisStore or a SqlStore.
const idempotency = new Idempotency(new MemoryStore());

@Controller()
class HooksController {
  @Post("hooks")
  @UseInterceptors(webhook("standard_webhooks", WEBHOOK_SECRET, { idempotency }))
  receive(@WebhookEvent() event: Verified<StandardPayload>) {
    const { type, data } = event.data;
    // What throws is answered with 500: the sender tries again.
    if (type !== "invoice.paid") throw new Error(`nobody handles ${type}`);
    return { received: type, amount: data["amount"] };
  }

  @Post("slack")
  @HttpCode(204)
  @UseInterceptors(webhook("slack", SLACK_SECRET))
  slack(@WebhookEvent() event: Verified) {
    console.log(event.type);
  }

  @Post("echo")
  echo(@Body() body: object) {
    return body;
  }
}

@Module({ controllers: [HooksController] })
class AppModule {}

// The webhooks need the body as it came.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true, logger: ["error"] });
// Nest takes 100 KB and answers the rest itself. With more than the webhooks take (1 MiB), they say what is too large.
app.useBodyParser("json", { limit: "2mb" });
await app.listen(PORT);
