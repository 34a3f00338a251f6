import { invalidArgument, isWellFormed, kindOf, reading, tagOf } from "./argument.js";
import { WebhookError } from "./error.js";

/**
 * The headers of a request, as frameworks hand them over: Fetch `Headers`, Node's `headers` and `rawHeaders`, a `Map`, or
 * pairs of name and value. Names may have any case.
 */
export type HeadersLike =
  | { get(name: string): string | null | undefined }
  | Iterable<readonly [name: string, value: string]>
  | readonly string[]
  | { readonly [name: string]: string | readonly string[] | null | undefined };

/** Names in lower case; none for all headers that there are. */
export type HeaderNames = ReadonlySet<string> | undefined;

/** The headers called `names` as name, value, name, value, …; one that came twice stands there twice. */
export function headersOf(names: HeaderNames, headers: unknown): string[] {
  return reading("headers", () => {
    if (typeof headers !== "object" || headers === null) {
      throw invalidArgument(`\`headers\` takes Headers, an object, a Map or pairs, got ${kindOf(headers)}`);
    }
    const found: string[] = [];
    if (isFlat(headers)) {
      for (let at = 0; at < headers.length; at += 2) addOf(names, headers[at], headers[at + 1], found);
    } else if (isIterable(headers) && (!names || Array.isArray(headers) || !isFetchLike(headers))) {
      for (const pair of headers) {
        const isPair = Array.isArray(pair) && pair.length === 2;
        addOf(names, isPair ? pair[0] : undefined, isPair ? pair[1] : undefined, found);
      }
    } else if (isFetchLike(headers)) {
      if (!names) throw invalidArgument("`headers` cannot be listed, and all of them are needed");
      for (const name of names) {
        const value = headers.get(name);
        if (typeof value === "string") addValue(name, value, found);
        else add(names, name, value, found);
      }
    } else {
      if (!names) refuseHolder(headers);
      for (const name of Object.keys(headers)) add(names, name, (headers as Record<string, unknown>)[name], found);
      // What has the headers needs no closer look.
      if (found.length === 0 && names?.size !== 0) refuseHolder(headers);
    }
    return found;
  });
}

/** Whether these are name, value, name, value, … as in `rawHeaders`. */
function isFlat(headers: object): headers is readonly unknown[] {
  return Array.isArray(headers) && headers.length % 2 === 0 && typeof headers[0] === "string";
}

/** What holds the headers has none of its own, and would be refused as a request that is not signed. */
function refuseHolder(given: { headers?: unknown }): void {
  if (tagOf(given) === "Promise") throw invalidArgument("`headers` is a promise: `await` it");
  const { headers } = given;
  if (headers && typeof headers === "object" && !Array.isArray(headers)) throw invalidArgument("pass `request.headers` as `headers`");
}

function addOf(names: HeaderNames, name: unknown, value: unknown, found: string[]): void {
  if (typeof name !== "string") {
    throw invalidArgument("`headers` takes pairs of name and value, got an item that is not one");
  }
  add(names, name, value, found);
}

/** The values of up to four headers, as a `Verifier` takes them. */
export type Values = [string | undefined, string | undefined, string | undefined, string | undefined];

/**
 * The values of `names`, in their order, where the headers are an object that has them as Node's have them: each one once,
 * in lower case. Nothing else of it is looked at. Otherwise none.
 */
export function plainValuesOf(names: readonly string[], headers: unknown): Values | undefined {
  try {
    const values: Values = [undefined, undefined, undefined, undefined];
    for (let at = 0; at < names.length; at += 1) {
      const value = (headers as Record<string, unknown>)[names[at] as string];
      if (typeof value !== "string") return undefined;
      values[at] = value;
    }
    return names.length > 0 ? values : undefined;
  } catch {
    return undefined; // Whatever it was, the closer look comes upon it.
  }
}

/** The same, out of name, value, name, value, …; none where one came twice. */
export function valuesOf(names: readonly string[], pairs: string[]): Values | undefined {
  const values: Values = [undefined, undefined, undefined, undefined];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const place = names.indexOf(pairs[at] as string);
    if (values[place] !== undefined) return undefined;
    values[place] = pairs[at + 1];
  }
  return values;
}

function isIterable(headers: object): headers is Iterable<unknown> {
  return typeof (headers as Iterable<unknown>)[Symbol.iterator] === "function";
}

/** Whether `get` ignores case, as that of Fetch does and that of a `Map` does not. */
function isFetchLike(headers: object): headers is { get(name: string): unknown } {
  if (typeof (headers as { get?: unknown }).get !== "function") return false;
  // Mostly the platform's own, which is quicker to tell than what else it may be.
  return (typeof Headers !== "undefined" && headers instanceof Headers) || tagOf(headers) !== "Map";
}

function add(names: HeaderNames, name: string, value: unknown, found: string[]): void {
  const lower = name.toLowerCase();
  if (names?.has(lower) === false || value === undefined || value === null) return;
  // Letters beyond ASCII may become ASCII ones, as the Kelvin sign does; they are no other case of a header's name.
  if (BEYOND_ASCII.test(name)) return;
  for (const one of Array.isArray(value) ? value : [value]) addValue(lower, one, found);
}

function addValue(name: string, value: unknown, found: string[]): void {
  if (typeof value !== "string") {
    throw invalidArgument(`header \`${name}\` takes a string or an array of strings, got ${kindOf(value)}`);
  }
  if (!isWellFormed(value)) {
    throw new WebhookError("malformed_header", `header \`${name}\` holds a lone surrogate, which is no text`);
  }
  found.push(name, value);
}

/** The object of name, value, name, value, … */
export function recordOf(pairs: string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) entries.push([pairs[at] as string, pairs[at + 1] as string]);
  return Object.fromEntries(entries);
}

const BEYOND_ASCII = /[^\0-\x7f]/;
