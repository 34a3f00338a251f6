import { readFileSync } from "node:fs";

/** What the clients say of themselves in `User-Agent`: a constant for the bundler. It reads the package.json of the working directory. */
export function clientName(name) {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  return { HOOKSEAL_CLIENT: JSON.stringify(`${name}/${version}`) };
}
