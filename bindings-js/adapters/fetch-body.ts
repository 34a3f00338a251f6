import { BodyBroken, BodyTooLarge, type ReadBody } from "./receiver.js";

/** Reads the body of a Fetch request; none of one that was read. */
export function bodyOf(request: Request): ReadBody {
  return async (limit) => {
    if (request.bodyUsed) return undefined;
    if (Number(request.headers.get("content-length")) > limit) throw new BodyTooLarge();
    if (!request.body) return new Uint8Array();
    return join(await chunksOf(request.body, limit));
  };
}

async function chunksOf(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array[]> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => Promise.reject(new BodyBroken({ cause })));
    if (done) return chunks;
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => {}); // Not what is to be said.
      throw new BodyTooLarge();
    }
    chunks.push(value);
  }
}

function join(chunks: Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
