import type { ConfigSystem } from "./config-system.ts";

/** A user of the machine. */
export interface User {
  readonly id: number;
  /** Null for a number that no name stands for. */
  readonly name: string | null;
  readonly groupId: number | null;
  readonly homeDirectory: string | null;
}

/** The largest id; the one above it means "none" to the system. */
const ID_MAX = 0xffff_fffe;

/** passwd(5), group(5) */
const USERS_FILE = "/etc/passwd";
const GROUPS_FILE = "/etc/group";

/**
 * The users and groups that `/etc/passwd` and `/etc/group` name. Those of a directory service are not among them: they have numbers. The
 * files are read at the first question, so that a configuration that asks nothing needs none.
 */
export class Accounts {
  readonly #system: Pick<ConfigSystem, "read" | "userId" | "groupId">;
  #userLines: readonly (readonly string[])[] | null = null;
  #groupLines: readonly (readonly string[])[] | null = null;

  constructor(system: Pick<ConfigSystem, "read" | "userId" | "groupId">) {
    this.#system = system;
  }

  /** Who this process is. */
  get own(): { readonly userId: number; readonly groupId: number } {
    return this.#system;
  }

  /** The user of a name or a number; null where no name stands for anybody, and for a number that none can have. */
  user(nameOrId: string): User | null {
    const id = idOf(nameOrId);
    if (id === null && isNumber(nameOrId)) return null;
    const line = this.#users().find(([name, , number]) => (id === null ? name === nameOrId : Number(number) === id));
    if (line === undefined) return id === null ? null : { id, name: null, groupId: null, homeDirectory: null };
    const [name = "", , userId = "", groupId = "", , homeDirectory = ""] = line;
    return { id: Number(userId), name, groupId: Number(groupId), homeDirectory };
  }

  /** The number of a group of a name or a number; null as for users. */
  group(nameOrId: string): number | null {
    if (isNumber(nameOrId)) return idOf(nameOrId);
    const line = this.#groups().find(([name]) => name === nameOrId);
    return line === undefined ? null : Number(line[2]);
  }

  /** The groups that name a user as a member. */
  groupsOf(userName: string): readonly number[] {
    return this.#groups()
      .filter(([, , , members = ""]) => members.split(",").includes(userName))
      .map(([, , id]) => Number(id));
  }

  #users(): readonly (readonly string[])[] {
    return (this.#userLines ??= this.#lines(USERS_FILE, 7));
  }

  #groups(): readonly (readonly string[])[] {
    return (this.#groupLines ??= this.#lines(GROUPS_FILE, 4));
  }

  /** The entries that have as many fields as they should. A file that is not there names nobody. */
  #lines(path: string, fieldCount: number): readonly (readonly string[])[] {
    try {
      const lines = new TextDecoder().decode(this.#system.read(path)).split("\n");
      return lines
        .map((line) => line.split(":"))
        .filter((fields) => fields.length === fieldCount && isNumber(fields[2]!));
    } catch {
      return [];
    }
  }
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function idOf(text: string): number | null {
  return isNumber(text) && Number(text) <= ID_MAX ? Number(text) : null;
}
