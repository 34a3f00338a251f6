import { isWellFormed, kindOf, stringOf } from "./argument.js";
import { WebhookError } from "./error.js";

/** One secret or several, as the core takes them. */
export function secretsOf(secret: unknown): string[] {
  if (typeof secret === "string") return [secretOf("secret", secret)];
  if (Array.isArray(secret)) return Array.from(secret, (one, index) => secretOf(`secret[${index}]`, one));
  const message = `\`secret\` takes a string or an array of strings, got ${kindOf(secret)}`;
  throw new WebhookError("invalid_argument", message, SECRET_HINT);
}

const IS_SET = "see that the environment variable that holds it is set";
const SECRET_HINT = `pass the name of the scheme and then the sender's secret; ${IS_SET}`;

/** The one secret of `verifyWebhookSignature`. */
export function onlySecretOf(secret: unknown): string {
  if (typeof secret === "string") return secretOf("secret", secret);
  const message = `\`secret\` takes a string, got ${kindOf(secret)}`;
  throw new WebhookError("invalid_argument", message, `pass the secret first, then body and header; ${IS_SET}`);
}

function secretOf(what: string, value: unknown): string {
  const secret = stringOf(what, value);
  if (isWellFormed(secret)) return secret;
  throw new WebhookError("invalid_secret", `\`${what}\` holds a lone surrogate, which is no text`);
}
