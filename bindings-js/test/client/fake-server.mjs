import { once } from "node:events";
import { createServer } from "node:http";

/**
 * A server that answers as it is told, one answer per request, and keeps what it was asked.
 *
 * An answer is `{ status, headers, body }`, or a function that does as it likes with request and response.
 */
export async function fakeServer(...answers) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    requests.push({ method, url, headers, body: text === "" ? undefined : JSON.parse(text) });
    // The last one answers for ever.
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "function") return answer(request, response);
    const { status = 200, headers: own, body = {} } = answer;
    const json = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...own });
    response.end(status === 204 ? undefined : json);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An error as the server writes it. */
export function refusal(status, code, more = {}, headers = {}) {
  return { status, headers, body: { error: { code, message: `this is ${code}`, hint: "do this", field: null, ...more } } };
}

/** Runs `test` with a fake server, and a random number that makes every wait short. */
export async function withServer(answers, test) {
  const server = await fakeServer(...answers);
  const { random } = Math;
  Math.random = () => 0;
  try {
    await test(server);
  } finally {
    Math.random = random;
    await server.close();
  }
}
