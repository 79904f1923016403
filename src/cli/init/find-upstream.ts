import type { ProjectFolder, Upstream } from "./project.ts";

/** Packages that want `node:http` itself, so their applications listen on a port of their own. */
const LISTENING_PACKAGES = ["next", "nuxt", "@nestjs/core", "express", "fastify", "koa", "@hapi/hapi", "socket.io"];

/** A program of Node.js's that no worker can run: requests are handed on to it. */
export function findUpstream(folder: ProjectFolder): Upstream | null {
  const manifest = folder.json("package.json");
  const packages = manifest["dependencies"];
  if (typeof packages !== "object" || packages === null) return null;
  const name = LISTENING_PACKAGES.find((candidate) => candidate in packages);
  return name === undefined ? null : { sign: `${name} (package.json)` };
}
