/** Bundles the adapters of a package, each as a module of its own over the package itself. */
/**
 * `build` is that of esbuild, which each package has for itself; `entryPoints` are files by their names, `name` is the
 * package. Adapters import the face by that name, so that there is one core and one `WebhookError` whatever is imported,
 * in every runtime and bundler.
 */
export async function bundleAdapters(build, { name, entryPoints, ...options }) {
  const face = {
    name: "face",
    setup({ onResolve }) {
      onResolve({ filter: /\/index\.js$/ }, () => ({ path: name, external: true, sideEffects: false }));
    },
  };
  for (const [format, extension] of [
    ["esm", ".js"],
    ["cjs", ".cjs"],
  ]) {
    await build({
      entryPoints,
      outdir: "dist",
      format,
      outExtension: { ".js": extension },
      bundle: true,
      packages: "external",
      plugins: [face],
      logLevel: "warning",
      ...options,
    });
  }
}
