// A judge that calls home would judge with something else than the library we pinned.

import { Socket } from "node:net";

export function forbidNetwork() {
  Socket.prototype.connect = () => {
    throw new Error("the judges work without a network");
  };
}
