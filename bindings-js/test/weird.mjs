/** Values that no caller should pass, from a seed: the same ones in every run. */
export function weird(seed) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const below = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[below(list.length)];

  const text = () => String.fromCharCode(...Array.from({ length: below(40) }, () => below(pick([128, 256, 65_536]))));
  const bytes = () => Uint8Array.from({ length: below(80) }, () => below(256));

  const value = (depth = 0) => pick(depth > 2 ? PLAIN : MAKERS)(depth);
  const PLAIN = [text, bytes, () => pick(NUMBERS), () => pick(ODD), () => pick(TEXTS)];
  const MAKERS = [
    ...PLAIN,
    (depth) => Array.from({ length: below(4) }, () => value(depth + 1)),
    (depth) => Object.fromEntries(Array.from({ length: below(4) }, () => [pick(KEYS), value(depth + 1)])),
    (depth) => new Map([[value(depth + 1), value(depth + 1)]]),
    (depth) => ({ get: () => value(depth + 1) }),
    (depth) => ({ [Symbol.iterator]: () => [value(depth + 1)].values() }),
    (depth) => ({ [Symbol.iterator]: () => value(depth + 1) }),
    (depth) => ({ [Symbol.toStringTag]: pick(TAGS), length: value(depth + 1) }),
    (depth) => ({ toJSON: () => value(depth + 1), [Symbol.toPrimitive]: () => value(depth + 1) }),
    () => Object.defineProperty({}, pick(KEYS), { enumerable: true, get: throws }),
    () => new Proxy({}, { get: throws, has: throws, ownKeys: throws }),
    () => new Proxy([], { get: throws }),
    revoked,
    detached,
    () => Object.setPrototypeOf(new DataView(new ArrayBuffer(4)), Uint8Array.prototype),
    () => Object.setPrototypeOf({}, Uint8Array.prototype),
    cyclic,
    () => new (pick([Int8Array, Uint16Array, Float64Array, BigInt64Array]))(below(9)),
    () => new SharedArrayBuffer(below(9)),
    () => new Date(pick(NUMBERS)),
  ];
  return { value, pick };
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  7,
  410,
  500,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  5e-324,
  NaN,
  Infinity,
  -Infinity,
];
const ODD = [
  undefined,
  null,
  true,
  false,
  0n,
  -1n,
  2n ** 70n,
  Symbol("odd"),
  Symbol.iterator,
  () => 1,
  class {},
  /x/,
  new Error("odd"),
  Promise.resolve(1),
  globalThis,
  Math,
];
const TEXTS = [
  "",
  " ",
  "\0",
  "\ud800",
  "\r\n",
  "naive",
  "yativo",
  "whsec_",
  "whsec_====",
  "sha256=",
  "v1,",
  "{",
  '{"a":1}',
  '{"a":1,"signature":"sha256=00"}',
  "{body}",
  "9".repeat(400),
  "v1,a ".repeat(40),
  "x".repeat(9_000),
];
const KEYS = [
  "body",
  "id",
  "type",
  "now",
  "scheme",
  "attempt",
  "status",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
  "__proto__",
  "constructor",
  "length",
  "toJSON",
  "get",
];
const TAGS = ["ArrayBuffer", "SharedArrayBuffer", "Date", "Map", "Uint8Array"];

function throws() {
  throw new RangeError("a getter that throws");
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function detached() {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function cyclic() {
  const self = { id: "cyclic" };
  self.self = self;
  return self;
}
