/** Options that nobody reads: one that is misspelt would do nothing, and not say so. */

/** Message and hint where `options` have a name that is not one of `names`. */
export function unknownOption(options: object, names: readonly string[]): [message: string, hint: string] | undefined {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return undefined;
  const nearest = names.find((name) => shared(name, unknown) >= Math.min(4, name.length));
  const question = nearest === undefined ? "" : `: is it \`${nearest}\`?`;
  const known = names.map((name) => `\`${name}\``).join(", ");
  return [`\`${unknown}\` is not an option${question}`, `the options here are ${known}`];
}

/** How many letters two names begin with together, in any case. */
function shared(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length]?.toLowerCase() === other[length]?.toLowerCase()) length += 1;
  return length;
}
