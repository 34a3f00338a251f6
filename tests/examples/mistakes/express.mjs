// The usual mistake: JSON is parsed for every route.
import express from "express";
import { webhook } from "hookseal/express";

const { PORT, WEBHOOK_SECRET } = process.env;
const app = express();
app.use(express.json());
app.post("/hooks", webhook("standard_webhooks", WEBHOOK_SECRET), (_request, response) => response.sendStatus(204));
// What was read as bytes or text is as good as the stream.
const raw = express();
raw.post("/raw", express.raw({ type: "*/*" }), webhook("standard_webhooks", WEBHOOK_SECRET), done);
raw.post("/text", express.text({ type: "*/*" }), webhook("standard_webhooks", WEBHOOK_SECRET), done);
express().use(raw).use(app).listen(Number(PORT));

function done(_request, response) {
  response.sendStatus(204);
}
