/** The requests and responses of Node's server, which Express, Koa and NestJS build on. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Answer } from "../../../bindings-js/adapters/answer.js";
import { BodyBroken, BodyTooLarge, type Head, type ReadBody } from "../../../bindings-js/adapters/receiver.js";

/** What body parsers leave on a request. */
export interface ParsedRequest {
  /** The bytes as received, where the platform keeps them: NestJS with `rawBody`, cloud functions. */
  rawBody?: unknown;
  body?: unknown;
}

/** The request without its body; behind a proxy its URL is that of the proxy's request. */
export function headOf(request: IncomingMessage, url = request.url ?? "/", origin = originOf(request)): Head {
  const { method = "POST", rawHeaders, headers } = request;
  // Platforms that imitate Node's request may have none.
  return { method, url: origin + url, headers: rawHeaders?.length ? rawHeaders : headers };
}

function originOf({ socket, headers }: IncomingMessage): string {
  const secure = (socket as TLSSocket | undefined)?.encrypted === true;
  return `${secure ? "https" : "http"}://${headers.host ?? "localhost"}`;
}

/** Reads the body from the stream or, where somebody read it, from where its bytes were kept. */
export function bodyOf(request: IncomingMessage, { rawBody, body }: ParsedRequest): ReadBody {
  return async (limit) => {
    if (isRaw(rawBody)) return rawBody;
    if (!request.readableDidRead) return await readStream(request, limit);
    return isRaw(body) ? body : undefined;
  };
}

function isRaw(body: unknown): body is Uint8Array | string {
  return typeof body === "string" || body instanceof Uint8Array;
}

function readStream(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: Error) => {
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      // The rest goes nowhere: a sender that still writes would not read our answer.
      request.resume();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) stop(new BodyTooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    const onClose = () => stop(new BodyBroken());
    request.on("error", (cause) => stop(new BodyBroken({ cause })));
    if (Number(request.headers["content-length"]) > limit) stop(new BodyTooLarge());
    else request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

/** Calls `ended` with the status once a handler ends its response, also one that nobody waits for any more. */
export function onEnd(response: ServerResponse, ended: (status: number) => void): void {
  const end = response.end as (...args: unknown[]) => ServerResponse;
  response.end = (...args: unknown[]) => {
    response.end = end;
    ended(response.statusCode);
    return end.apply(response, args);
  };
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
