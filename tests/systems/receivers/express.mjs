// Express and Node's own crypto, as the pages of ainative, yativo and naive describe a receiver.

import crypto from "node:crypto";
import express from "express";

const { SECRETS } = process.env;
const secrets = JSON.parse(SECRETS);
const seen = [];

const app = express();
app.use(express.json({ verify: (request, _response, raw) => (request.rawBody = raw) }));
app.get("/seen", (_request, response) => response.json(seen));
app.use((request, response, next) => {
  response.on("finish", () => seen.push({ path: request.path, status: response.statusCode, body: request.body }));
  next();
});

const hex = (secret, body) => crypto.createHmac("sha256", secret).update(body).digest("hex");

app.post("/ainative", (request, response) => {
  const sent = Buffer.from(request.headers["x-zerodb-signature"] ?? "");
  const expected = Buffer.from(`sha256=${hex(secrets.ainative, request.rawBody)}`);
  const matches = sent.length === expected.length && crypto.timingSafeEqual(expected, sent);
  if (!matches) return response.status(401).send("Invalid signature");
  response.sendStatus(200);
});

app.post("/yativo", (request, response) => {
  const signature = request.headers["x-webhook-signature"];
  if (!signature || !request.rawBody) return response.status(400).json({ error: "Missing signature or body" });
  const [sent, expected] = [signature, hex(secrets.yativo, request.rawBody)].map((text) => Buffer.from(text, "hex"));
  const matches = sent.length === expected.length && crypto.timingSafeEqual(sent, expected);
  if (!matches) return response.status(401).json({ error: "Invalid signature" });
  response.json({ received: true });
});

app.post("/yativo-v2", (request, response) => {
  const sent = request.headers["x-yativo-signature"];
  const content = Buffer.concat([Buffer.from(`${request.headers["x-yativo-timestamp"]}.`), request.rawBody]);
  response.sendStatus(sent === `sha256=${hex(secrets["yativo-v2"], content)}` ? 200 : 401);
});

app.post("/naive", (request, response) => {
  const sent = request.headers["x-naive-signature"];
  if (sent !== hex(secrets.naive, request.rawBody)) return response.status(401).send("bad signature");
  const isEvent = request.headers["x-naive-event"] === request.body.event && "tenant_user_id" in request.body.data;
  response.status(isEvent ? 200 : 400).send("ok");
});

const server = app.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
