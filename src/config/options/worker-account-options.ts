import type { Option } from "./option.ts";
import { text } from "../types/option-type.ts";

const ACCOUNT_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/;

export const user: Option<string | null> = {
  kind: "value",
  key: "workers.user",
  type: text({ pattern: ACCOUNT_PATTERN, allowed: "the name of a user, or a number" }),
  default: null,
  defaultRule: "the user of the engine",
  summary:
    "The user that workers run as: a name from `/etc/passwd`, or a number. It has the groups that `/etc/group` gives it, `HOME`, `USER` and `LOGNAME` are its own, and its sockets, settings and the files of request bodies are open to it and to nobody else. Only root may ask for it, and `setpriv` of util-linux is needed.",
  guards: "Application code with the rights of the engine, or of another app.",
  replaces: "front",
};

export const group: Option<string | null> = {
  kind: "value",
  key: "workers.group",
  type: text({ pattern: ACCOUNT_PATTERN, allowed: "the name of a group, or a number" }),
  default: null,
  defaultRule: "the group that `workers.user` has in `/etc/passwd`",
  summary: "The group that workers run as, with `workers.user`: a name from `/etc/group`, or a number.",
  guards: "Files of workers that a group of other users could read.",
  replaces: "front",
};
