/** @type {import("next").NextConfig} */
export default {
  // A native addon is loaded by Node, not bundled.
  serverExternalPackages: ["hookseal"],
};
