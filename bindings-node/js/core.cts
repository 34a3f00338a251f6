// Finds the core: the addon for this platform or, where it cannot be loaded, the same core as WebAssembly. CommonJS, and
// a file of its own, so that what is required and what is imported share one.
import type { Native } from "../../bindings-js/native.js" with { "resolution-mode": "import" };
import type * as Addon from "../native.cjs";

export = load(process.env["HOOKSEAL_CORE"]);

/** The core in use, and which one it is. */
interface Core {
  kind: "native" | "wasm";
  functions: Native;
}

function load(wanted: string | undefined): Core {
  if (wanted === "wasm") return webAssembly();
  if (wanted !== undefined && wanted !== "" && wanted !== "native") {
    throw new Error(`HOOKSEAL_CORE takes \`native\` or \`wasm\`, got \`${wanted}\``);
  }
  const failures: unknown[] = [];
  for (const name of addons()) {
    // Beside us where the package was built here, otherwise a package of its own.
    for (const place of [`../hookseal.${name}.node`, `@hookseal/node-${name}`]) {
      try {
        return { kind: "native", functions: require(place) as typeof Addon };
      } catch (thrown) {
        if ((thrown as { code?: unknown }).code !== "MODULE_NOT_FOUND") failures.push(thrown);
      }
    }
  }
  const platform = `${process.platform}-${process.arch}`;
  const reason = failures.length === 0 ? "it is not installed" : failures.map(messageOf).join("; ");
  const message = `the native addon of hookseal cannot be loaded on ${platform}: ${reason}`;
  if (wanted === "native") throw new Error(message);
  const core = webAssembly();
  // Nothing is lost but speed; who chose it has nothing to be told.
  process.emitWarning(`${message}; WebAssembly does the same, slower. HOOKSEAL_CORE=wasm says that this is fine`, {
    code: "HOOKSEAL_WASM",
  });
  return core;
}

/** The builds that may fit; on Linux the other C library's is not installed, or refused by the system. */
function addons(): string[] {
  const { arch, platform } = process;
  if (platform === "linux") return [`linux-${arch}-gnu`, `linux-${arch}-musl`];
  return [platform === "win32" ? `win32-${arch}-msvc` : `${platform}-${arch}`];
}

function webAssembly(): Core {
  return { kind: "wasm", functions: require("./wasm.cjs") as Native };
}

function messageOf(thrown: unknown): string {
  // Of a system's message the first line says it.
  return String((thrown as { message?: unknown }).message ?? thrown).split("\n", 1)[0] as string;
}
