/** The clients of the server's API, against servers that do what the real one does seldom. */
import { testAnswers } from "./client/answers.mjs";
import { testCalls } from "./client/calls.mjs";
import { testOptions } from "./client/options.mjs";
import { testRetries } from "./client/retries.mjs";
import { testWebhooks } from "./client/webhooks.mjs";

export function testClient(api) {
  testCalls(api);
  testRetries(api);
  testAnswers(api);
  testOptions(api);
  testWebhooks(api);
}
