/** The REST API of Upstash over a Redis of our own, as far as its client uses it for scripts. */
import { once } from "node:events";
import { createServer } from "node:http";

/** Starts the API; `use` gets its URL. `send` runs a command of Redis, given as an array. */
export async function withUpstash(send, token, use) {
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
    const commands = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const encode = request.headers["upstash-encoding"] === "base64" ? encoded : (value) => value;
    const answer = async (command) => ({ result: encode(await send(command.map(String))) });
    const many = request.url === "/pipeline";
    const body = many ? await Promise.all(commands.map(answer)) : await answer(commands);
    return response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/** Upstash encodes texts but `OK`. */
function encoded(value) {
  return typeof value === "string" && value !== "OK" ? Buffer.from(value).toString("base64") : value;
}
