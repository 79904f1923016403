import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { childrenOf, commandLine } from "./process-table.ts";
import { until } from "./until.ts";

/** What this process held at one moment, and what the test was about to use. */
export interface Snapshot {
  /** Descriptors and what they are. */
  readonly descriptors: ReadonlyMap<string, string>;
  readonly childPids: ReadonlySet<number>;
  /** A directory of the test: whatever knows of it after the test is a stray. */
  readonly directory: string | null;
}

/** Looks at this process before a test. @param directory that what the test starts will have in its command line or environment. */
export function snapshot(directory: string | null = null): Snapshot {
  return {
    descriptors: openDescriptors(),
    childPids: new Set(childrenOf(process.pid).map((entry) => entry.pid)),
    directory,
  };
}

/**
 * Looks again after the test, and waits for what is leaving.
 *
 * @throws when a descriptor was left open, a child was left running or unreaped, a process anywhere still has the directory in its command
 * line or environment, or a socket file is left in the directory. The message names each of them.
 */
export async function assertNoLeaks(before: Snapshot): Promise<void> {
  let leaks: readonly string[] = [];
  await until("the end of what the test started", () => {
    leaks = findLeaks(before);
    return leaks.length === 0;
  }).catch(() => {
    throw new Error(`The test leaked:\n  ${leaks.join("\n  ")}`);
  });
}

function findLeaks({ descriptors, childPids, directory }: Snapshot): readonly string[] {
  const leaks: string[] = [];
  const now = openDescriptors();
  // The runtime opens one or two of its own when it first needs them, and keeps them: only what can be a leak is counted.
  const kindsBefore = countKinds(descriptors);
  for (const [kind, count] of countKinds(now)) {
    const grownBy = count - (kindsBefore.get(kind) ?? 0);
    if (grownBy > 0) leaks.push(`${grownBy} descriptor(s): ${kind}`);
  }
  for (const { pid, state } of childrenOf(process.pid)) {
    if (!childPids.has(pid)) leaks.push(`child ${pid} (${state}): ${commandLine(pid)}`);
  }
  if (directory !== null) {
    for (const pid of processesThatKnow(directory)) leaks.push(`stray ${pid}: ${commandLine(pid)}`);
    for (const name of readdirSync(directory)) if (name.endsWith(".sock")) leaks.push(`socket file ${name}`);
  }
  return leaks;
}

function openDescriptors(): ReadonlyMap<string, string> {
  const descriptors = new Map<string, string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      descriptors.set(fd, readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // The one that listed the directory.
    }
  }
  return descriptors;
}

/** How many descriptors of each kind: sockets, pipes, process handles, and each file by its name. */
function countKinds(descriptors: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const target of descriptors.values()) {
    if (target.startsWith("/proc/") || target === "anon_inode:[eventpoll]" || target === "anon_inode:[eventfd]")
      continue;
    if (target === "/dev/null") continue;
    const kind = target.replace(/:\[\d+\]$/, "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Processes other than this one with `text` in their command line or environment. */
function processesThatKnow(text: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => readProc(pid, "cmdline").includes(text) || readProc(pid, "environ").includes(text));
}

function readProc(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
