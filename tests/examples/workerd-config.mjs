/** The configuration of workerd for the bundled worker, with its secrets as bindings. */
import { SLACK_SECRET, WEBHOOK_SECRET } from "./server.mjs";

export function configOf(port) {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "hookseal.wasm", wasm = embed "hookseal.wasm"),
  ],
  bindings = [
    (name = "SLACK_SECRET", text = "${SLACK_SECRET}"),
    (name = "WEBHOOK_SECRET", text = "${WEBHOOK_SECRET}"),
  ],
  compatibilityDate = "2023-01-01",
);
`;
}
