using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const withNode :Workerd.Config = (
  services = [(name = "main", worker = .nodeWorker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  # An old date: wasm must not be compiled at run time there, not even at the start.
  compatibilityDate = "2023-01-01",
  modules = .modules,
);

const nodeWorker :Workerd.Worker = (
  # The first date with Node's crypto to ask for.
  compatibilityDate = "2024-09-23",
  compatibilityFlags = ["nodejs_compat"],
  modules = .modules,
);

const modules :List(Workerd.Worker.Module) = [
  (name = "worker.mjs", esModule = embed "worker.mjs"),
  (name = "client.mjs", esModule = embed "client.mjs"),
  (name = "client.workerd.js", esModule = embed "client.workerd.js"),
  (name = "conformance.mjs", esModule = embed "conformance.mjs"),
  (name = "lite-vectors.mjs", esModule = embed "lite-vectors.mjs"),
  (name = "lite.workerd.js", esModule = embed "lite.workerd.js"),
  (name = "small.wasm", wasm = embed "node_modules/@hookseal/edge/dist/small.wasm"),
  (name = "broad.wasm", wasm = embed "node_modules/@hookseal/edge/dist/broad.wasm"),
  (name = "vectors.mjs", esModule = embed "vectors.mjs"),
  (name = "index.workerd.js", esModule = embed "node_modules/@hookseal/edge/dist/index.workerd.js"),
  (name = "hookseal.wasm", wasm = embed "node_modules/@hookseal/edge/dist/hookseal.wasm"),
];
