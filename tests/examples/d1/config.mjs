/** The configuration of workerd: the cases of stores, with a binding to D1 as Cloudflare makes it; it is kept in `folder`. */
export function configOf(port, folder) {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "database", worker = .database),
    (name = "disk", disk = (path = "${folder}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [
    (name = "stores.js", esModule = embed "stores.js"),
    (name = "hookseal.wasm", wasm = embed "hookseal.wasm"),
  ],
  bindings = [
    (name = "DB", wrapped = (
      moduleName = "cloudflare-internal:d1-api",
      innerBindings = [(name = "fetcher", service = "database")],
    )),
  ],
  compatibilityDate = "2025-01-01",
  compatibilityFlags = ["nodejs_compat"],
);

const database :Workerd.Worker = (
  modules = [(name = "database.mjs", esModule = embed "database.mjs")],
  durableObjectNamespaces = [(className = "Database", uniqueKey = "d1", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [(name = "DATABASE", durableObjectNamespace = "Database")],
  compatibilityDate = "2025-01-01",
);
`;
}
