import { readdirSync, readFileSync } from "node:fs";

/** Processor time of a process so far, of all its threads that still run, in the kernel and outside, in microseconds: to the nanosecond. */
export function processorTimeUs(processId: number): number {
  const tasks = `/proc/${processId}/task`;
  const nanoseconds = readdirSync(tasks).map((id) =>
    Number(readFileSync(`${tasks}/${id}/schedstat`, "latin1").split(" ")[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1_000;
}
