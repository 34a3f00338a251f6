// The clients of the server's API: a module of their own, so that who only receives does not load them.
export * from "../../bindings-js/client/client.js";
export { RetryPolicy, verifyWebhookSignature, WebhookError } from "../../bindings-js/index.js";
