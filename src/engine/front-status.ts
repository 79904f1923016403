/** What the master asks of a front from time to time. */
export interface FrontStatus {
  /** True from the first ready worker until the stop begins. */
  readonly isReady: boolean;
  readonly workerCount: number;
  readonly busyCount: number;
  readonly connectionCount: number;
}

/** Of fronts side by side: ready where one of them is, for that one gets the connections. */
export function sumStatuses(statuses: readonly FrontStatus[]): FrontStatus {
  const sum = (of: (status: FrontStatus) => number): number => statuses.reduce((total, each) => total + of(each), 0);
  return {
    isReady: statuses.some(({ isReady }) => isReady),
    workerCount: sum(({ workerCount }) => workerCount),
    busyCount: sum(({ busyCount }) => busyCount),
    connectionCount: sum(({ connectionCount }) => connectionCount),
  };
}
