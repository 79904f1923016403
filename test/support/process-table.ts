import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** One line of the process table, as far as tests look at it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  /** `R`, `S`, `D`, `T` (stopped), `Z` (zombie), … as in proc(5). */
  readonly state: string;
}

/** The entry of `pid`, or null when there is no such process. */
export function processEntry(pid: number): ProcessEntry | null {
  const stat = readProc(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold anything, parentheses included.
  const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state ? { pid, state, parentPid: Number(parentPid) } : null;
}

/** The direct children of `pid`, zombies included, oldest first. */
export function childrenOf(pid: number): ProcessEntry[] {
  return allProcesses().filter((entry) => entry.parentPid === pid);
}

/** True while `pid` exists and has not exited. */
export function isRunning(pid: number): boolean {
  const state = processEntry(pid)?.state;
  return state !== undefined && state !== "Z";
}

/** The program and arguments of `pid`, joined by spaces; empty for a zombie. */
export function commandLine(pid: number): string {
  return readProc(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Every process whose environment holds `name=value`: how a test finds what a server left behind, wherever it was reparented to. */
export function processesMarked(name: string, value: string): number[] {
  const mark = `${name}=${value}`;
  return allProcesses()
    .filter(({ pid }) => readProc(`/proc/${pid}/environ`).split("\0").includes(mark))
    .map(({ pid }) => pid);
}

/** How many descriptors `pid` holds. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The sockets that this process holds open, each by what the kernel calls it. */
export function openSockets(): Set<string> {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // What the directory itself was read with.
    }
  });
  return new Set(targets.filter((target) => target.startsWith("socket:")));
}

function allProcesses(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processEntry(Number(name)))
    .filter((entry) => entry !== null)
    .toSorted((a, b) => a.pid - b.pid);
}

/** Processes come and go while they are listed: what cannot be read is empty. */
function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
