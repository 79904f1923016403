import type { FrontReport } from "../../admin/front-report.ts";
import type { GatheredReport } from "../../admin/report-ledger.ts";

/** How long those that have not answered are waited for when one has: a probe asks again before a front that hangs would be given up. */
const STRAGGLER_MS = 250;

/** A front, as far as its report goes. */
export interface ReportingFront {
  /** `null` while there is no process. */
  readonly pid: number | null;
  /** `null` when it does not answer. */
  report(): Promise<FrontReport | null>;
}

/** What each front tells of itself, in their order. Takes as long as the first to answer and a little more, even when one hangs. */
export async function gatherReports(fronts: readonly ReportingFront[]): Promise<readonly GatheredReport[]> {
  const gathered = fronts.map(({ pid }, index): GatheredReport => ({ index, pid, report: null }));
  const answered = Promise.withResolvers<void>();
  const reports = fronts.map(async (front, index) => {
    const report = await front.report();
    gathered[index] = { ...gathered[index]!, report };
    if (report !== null) answered.resolve();
  });
  const late = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  void answered.promise.then(() => {
    timer = setTimeout(late.resolve, STRAGGLER_MS);
  });
  await Promise.race([Promise.all(reports), late.promise]);
  clearTimeout(timer);
  return gathered;
}
