// The same package, required.
import hookseal = require("hookseal");

const hook: hookseal.Webhook = new hookseal.Webhook("naive", "secret");
const code: hookseal.ErrorCode = new hookseal.WebhookError("no_match", "").code;

export = { code, hook };
