/**
 * The vectors for the small core: those that verify, of schemes of the catalogue that it reads. Nothing here belongs to
 * Node.
 */

/** What the runner of the vectors takes for the package: schemes by name. */
export function liteApi(lite, schemes) {
  class Webhook extends lite.Webhook {
    constructor(name, ...rest) {
      super(schemes[name], ...rest);
    }
  }
  return { ...lite, Webhook };
}

/** The files with what can be run, and the ids of the schemes that only the whole core reads. */
export function liteVectors(lite, schemes, files) {
  const groups = Object.values(files).flatMap(({ testGroups }) => testGroups);
  const configOf = (id) => groups.find(({ scheme, config }) => scheme === id && config)?.config;
  const left = new Set(Object.keys(schemes).filter((id) => !reads(lite, schemes[id], configOf(id))));
  const runs = ({ scheme }) => typeof scheme === "string" && scheme in schemes && !left.has(scheme);
  const kept = {};
  for (const [name, file] of Object.entries(files)) {
    if (file.operation !== "verify") continue;
    const testGroups = file.testGroups.filter(runs);
    const numberOfTests = testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
    if (numberOfTests > 0) kept[name] = { ...file, testGroups, numberOfTests };
  }
  return { files: kept, left };
}

/** What it does not read it refuses by a code of its own, whatever the secret is. */
function reads(lite, scheme, config) {
  try {
    new lite.Webhook(scheme, "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE", { config });
    return true;
  } catch (error) {
    if (!(error instanceof lite.WebhookError)) throw error;
    return error.code !== "invalid_scheme";
  }
}
