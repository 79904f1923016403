import { describe, expect, test } from "bun:test";
import { countCpus } from "./cpu-count.ts";

/** A machine of 8 processors with these files. */
function countWith(files: Readonly<Record<string, string>>): number {
  return countCpus(8, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  });
}

describe("countCpus", () => {
  test.each([
    ["no control groups", {}, 8],
    ["version 2 without a quota", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }, 8],
    ["version 2 in a container", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "200000 100000\n" }, 2],
    ["a part of a processor", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000" }, 2],
    ["much less than one", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "1000 100000" }, 1],
    ["more than there are", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "6400000 100000" }, 8],
    [
      "the quota of a group around it",
      {
        "/proc/self/cgroup": "0::/system.slice/app.service\n",
        "/sys/fs/cgroup/system.slice/cpu.max": "300000 100000",
        "/sys/fs/cgroup/system.slice/app.service/cpu.max": "max 100000",
      },
      3,
    ],
    [
      "version 1",
      {
        "/proc/self/cgroup": "5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      },
      4,
    ],
    [
      "version 1 without a quota",
      {
        "/proc/self/cgroup": "4:cpu,cpuacct:/\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      },
      8,
    ],
    ["what cannot be read", { "/proc/self/cgroup": "what\n0::/\n", "/sys/fs/cgroup/cpu.max": "?" }, 8],
  ])("is right with %s", (_, files, cpuCount) => {
    expect(countWith(files)).toBe(cpuCount);
  });

  test("finds at least one here", () => {
    expect(countCpus()).toBeGreaterThanOrEqual(1);
  });
});
