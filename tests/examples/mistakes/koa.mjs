// The usual mistake: something reads the body of every request.
import Koa from "koa";
import { text } from "node:stream/consumers";
import { webhook } from "hookseal/koa";

const { PORT, WEBHOOK_SECRET } = process.env;
const verify = webhook("standard_webhooks", WEBHOOK_SECRET);
const done = (context) => {
  context.status = 204;
};
new Koa()
  .use(async (context, next) => {
    const body = await text(context.req);
    context.request.body = JSON.parse(body);
    // As the body parsers of Koa do.
    if (context.path !== "/hooks") context.request.rawBody = body;
    await next();
  })
  .use((context, next) => verify(context, () => done(context, next)))
  .listen(Number(PORT));
