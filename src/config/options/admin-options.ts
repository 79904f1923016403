import type { Option, Section } from "./option.ts";
import { boolean, integer, text } from "../types/option-type.ts";
import { hostType } from "../types/server-types.ts";

export const adminEnabled: Option<boolean> = {
  kind: "value",
  key: "admin.enabled",
  type: boolean(),
  default: true,
  summary:
    "Whether there is an admin listener. Without one, `vilya status` and its kind still work: they use a socket in the instance's runtime directory.",
  replaces: "instance",
};

export const adminHost: Option<string> = {
  kind: "value",
  key: "admin.host",
  type: hostType,
  default: "127.0.0.1",
  summary: "Address of the admin listener.",
  guards: "Anywhere wider than the loopback a token is needed: who reaches it can stop the engine.",
  replaces: "instance",
};

export const adminPort: Option<number> = {
  kind: "value",
  key: "admin.port",
  type: integer({ min: 0, max: 65_535 }),
  default: 9090,
  summary:
    "Port of the admin listener; `0` lets the kernel pick one, which the log tells. When the default is taken, by another instance for example, the engine starts without one and says so; any other has to be free.",
  replaces: "instance",
};

export const adminTokenFile: Option<string | null> = {
  kind: "value",
  key: "admin.token_file",
  type: text({ allowed: "the path of a file" }),
  default: null,
  defaultRule: "none: no token is asked for",
  summary:
    "A file with the token that requests bring as `Authorization: Bearer TOKEN`; surrounding white space does not count. Relative paths start at the current directory. It is read at the start.",
  replaces: "instance",
};

/** The `admin` section. */
export const adminSection: Section = {
  key: "admin",
  summary:
    "Health, readiness, metrics and control of the running instance, apart from what it serves: [operations](../guides/operations.md).",
  options: [adminEnabled, adminHost, adminPort, adminTokenFile],
};
