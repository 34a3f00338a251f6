import { invalidArgument, isWellFormed, jsonOf, kindOf, optionsOf, reading, stringOf } from "./argument.js";
import { fromNative, WebhookError } from "./error.js";
import { type HeaderNames, recordOf } from "./headers.js";
import { type Handle, native } from "./native.js";
import { type RequestOptions, requestOf } from "./request.js";
import type { Encoding, SchemeDefinition } from "./scheme-definition.js";
import type { SchemeName } from "./scheme-name.js";

/** A built-in scheme by its id, or one of your own, also as JSON. Any string is taken, known only at run time, too. */
export type SchemeLike = SchemeName | (string & {}) | SchemeDefinition;

/** A scheme out of a `.json` file, of which TypeScript knows every text as `string` only: the core reads it closely. */
export interface SchemeFile {
  readonly id: string;
  readonly signature: { readonly encoding: Encoding | (string & {}) };
}

/** What is written in the code is checked as a `SchemeDefinition`: there TypeScript knows the texts. */
export type OutOfFile<Scheme> = Scheme extends SchemeFile
  ? string extends Scheme["signature"]["encoding"]
    ? Scheme
    : SchemeDefinition
  : SchemeLike;

/** A built-in scheme, for people. */
export interface SchemeInfo {
  id: SchemeName;
  /** The name for people. */
  name: string;
  /** Where the facts come from: a URL, or a package or repository with its version and file. */
  source: string;
  /** `high`: the sender's own documents or code, or several sources; `medium`: one other source; `low`: not confirmed. */
  confidence: "high" | "low" | "medium";
  /** What a user should know. */
  notes: string | null;
  /** The settings that it takes: name and description. */
  config: Record<string, string>;
}

/** Every built-in scheme. */
export function schemes(): SchemeInfo[] {
  return native.schemes().map(({ id, name, source, confidence, notes, config }) => ({
    id: id as SchemeName,
    name,
    source,
    confidence: confidence as SchemeInfo["confidence"],
    notes: notes ?? null,
    config: recordOf(config),
  }));
}

/**
 * How a built-in scheme is written: what its signature covers, where its values are; a start for a scheme of your own.
 *
 * @throws {WebhookError} `unknown_scheme`
 */
export function schemeDefinition(id: SchemeName | (string & {})): SchemeDefinition {
  const name = stringOf("id", id);
  try {
    return JSON.parse(native.schemeDefinition(name)) as SchemeDefinition;
  } catch (thrown) {
    throw fromNative(thrown);
  }
}

/** Values that only the user of a scheme knows, by name: `{ webhook_id: "8PT597110X687430LKGECATA" }`. */
export type Config = Readonly<Record<string, string | undefined>>;

export interface ConfigOptions {
  /** The settings of the scheme; `schemes()` says which it takes. */
  config?: Config | undefined;
}

/** A scheme that the core has read, and the headers that it needs. */
export interface LoadedScheme {
  handle: Handle;
  id: string;
  names: HeaderNames;
}

/** Reads a scheme; `config` is name, value, name, value, … */
export function loadScheme(scheme: SchemeLike | SchemeFile, config: string[] | undefined): LoadedScheme {
  const text = typeof scheme === "string" ? scheme : jsonOf("scheme", "a name or an object", scheme);
  if (!isWellFormed(text)) throw new WebhookError("unknown_scheme", "`scheme` holds a lone surrogate, which is no text");
  try {
    const handle = native.schemeOf(text, config);
    const names = native.headerNames(handle);
    return { handle, id: native.schemeId(handle), names: names ? new Set(names) : undefined };
  } catch (thrown) {
    throw fromNative(thrown);
  }
}

/** The settings as name, value, name, value, … */
export function configOf(config: unknown): string[] | undefined {
  if (config === undefined || config === null) return undefined;
  if (typeof config !== "object") throw invalidArgument(`\`config\` takes an object, got ${kindOf(config)}`);
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null) continue;
    if (!isWellFormed(name) || !isWellFormed(stringOf(`config.${name}`, value))) {
      throw new WebhookError("invalid_config", "`config` holds a lone surrogate, which is no text");
    }
    pairs.push(name, value);
  }
  return pairs.length === 0 ? undefined : pairs;
}

/** What is said of a request and its scheme where there is no `Webhook` yet. */
export function schemeOptionsOf(options: (RequestOptions & ConfigOptions) | undefined) {
  return reading("options", () => {
    const { method, url, config } = optionsOf("options", options);
    return { ...requestOf(method, url), config: configOf(config) };
  });
}
