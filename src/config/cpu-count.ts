import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Where Linux tells what a process may use; below it, each control group has a folder of its own. cgroups(7). */
const MEMBERSHIP_PATH = "/proc/self/cgroup";
const GROUPS_PATH = "/sys/fs/cgroup";

/**
 * The processors that this process may use at a time, at least 1: those that it may run on, or fewer where its control group, or one that
 * this is part of, has a quota of less. A part of a processor counts as one.
 *
 * @param read the text of a file. @throws when there is none.
 */
export function countCpus(
  processorCount: number = availableParallelism(),
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): number {
  return Math.max(1, Math.min(processorCount, Math.ceil(quotaOf(read))));
}

/** Infinite where there is none, or nobody can tell. */
function quotaOf(read: (path: string) => string): number {
  let membership: string;
  try {
    membership = read(MEMBERSHIP_PATH);
  } catch {
    return Infinity;
  }
  const quotas = membership.split("\n").flatMap((line) => {
    const [, hierarchy = "", controllers = "", group = ""] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === "0") return foldersOf(group).map((folder) => unifiedQuota(read, `${GROUPS_PATH}${folder}`));
    if (!controllers.split(",").includes("cpu")) return [];
    return foldersOf(group).map((folder) => legacyQuota(read, `${GROUPS_PATH}/cpu${folder}`));
  });
  return Math.min(Infinity, ...quotas);
}

/** The group and all that it is part of. In a container they are not there by these names, but the root is. */
function foldersOf(group: string): readonly string[] {
  const names = group.split("/").filter((name) => name !== "" && name !== "..");
  return ["", ...names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`)];
}

/** Version 2: `max 100000`, or `150000 100000`, in microseconds. */
function unifiedQuota(read: (path: string) => string, folder: string): number {
  const [quotaUs = "max", periodUs = ""] = textOf(read, `${folder}/cpu.max`).trim().split(" ");
  return share(quotaUs === "max" ? "" : quotaUs, periodUs);
}

/** Version 1: -1 is no quota. */
function legacyQuota(read: (path: string) => string, folder: string): number {
  return share(textOf(read, `${folder}/cpu.cfs_quota_us`), textOf(read, `${folder}/cpu.cfs_period_us`));
}

function share(quotaUs: string, periodUs: string): number {
  const cpus = Number.parseInt(quotaUs, 10) / Number.parseInt(periodUs, 10);
  return cpus > 0 ? cpus : Infinity;
}

function textOf(read: (path: string) => string, path: string): string {
  try {
    return read(path);
  } catch {
    return "";
  }
}
