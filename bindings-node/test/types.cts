// The same package, required.
import hookseal = require("hookseal");
import clients = require("hookseal/client");

const hook: hookseal.Webhook = new hookseal.Webhook("naive", "secret");
const code: hookseal.ErrorCode = new hookseal.WebhookError("no_match", "").code;
const client = new hookseal.Hookseal({ apiKey: "hks_1", baseUrl: "https://hooks.example.com" });
const again: clients.Hookseal = client;

export = { again, code, hook };
