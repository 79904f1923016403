/** How often the memory of a worker that serves is looked at. */
export const MEMORY_SAMPLE_MS = 5_000;

/** Looks that are kept: every other one is dropped when there are more, so that they span a worker's whole life. */
const SAMPLE_COUNT_MAX = 32;

/** Before that, growth is warming up. */
const SAMPLE_COUNT_MIN = 6;
const REQUEST_COUNT_MIN = 500;

/** Growth below this is noise: a page of memory in four requests. */
const BYTES_PER_REQUEST_MIN = 1024;

/** Of all steps between two looks so many have to go up: memory that leaks grows on and on, a cache fills once. */
const RISING_SHARE_MIN = 0.7;

/** What a worker's memory grows by. */
export interface MemoryGrowth {
  readonly bytesPerRequest: number;
  /** Since when, in the clock of the looks. */
  readonly sinceMs: number;
}

interface Sample {
  readonly atMs: number;
  readonly servedCount: number;
  readonly residentBytes: number;
}

/**
 * Finds out whether the memory of one worker grows with the requests it serves: the slope of a line through what it held, in bytes a request
 * (least squares), once it has served enough to tell and as long as it goes on rising.
 */
export class MemoryTrend {
  #samples: Sample[] = [];
  /** When the last look was taken. */
  observedMs: number = -Infinity;

  /** Takes a look. Those at which nothing was served since the one before say nothing. */
  observe(sample: Sample): void {
    this.observedMs = sample.atMs;
    const last = this.#samples.at(-1);
    if (last !== undefined && last.servedCount === sample.servedCount) return;
    this.#samples.push(sample);
    if (this.#samples.length <= SAMPLE_COUNT_MAX) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
  }

  /** `null` while it does not grow, or nobody can tell yet. */
  get growth(): MemoryGrowth | null {
    // What a worker takes for its first requests (code, connections, caches) is no leak.
    const samples = this.#samples.slice(Math.floor(this.#samples.length / 4));
    const first = samples[0];
    const last = samples.at(-1);
    if (first === undefined || last === undefined || samples.length < SAMPLE_COUNT_MIN) return null;
    if (last.servedCount - first.servedCount < REQUEST_COUNT_MIN) return null;
    let risingCount = 0;
    for (let index = 1; index < samples.length; index++) {
      if (samples[index]!.residentBytes > samples[index - 1]!.residentBytes) risingCount++;
    }
    if (risingCount / (samples.length - 1) < RISING_SHARE_MIN) return null;
    const bytesPerRequest = Math.round(slopeOf(samples));
    return bytesPerRequest < BYTES_PER_REQUEST_MIN ? null : { bytesPerRequest, sinceMs: first.atMs };
  }
}

function slopeOf(samples: readonly Sample[]): number {
  const meanX = samples.reduce((sum, { servedCount }) => sum + servedCount, 0) / samples.length;
  const meanY = samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0) / samples.length;
  let covariance = 0;
  let variance = 0;
  for (const { servedCount, residentBytes } of samples) {
    covariance += (servedCount - meanX) * (residentBytes - meanY);
    variance += (servedCount - meanX) ** 2;
  }
  return covariance / variance;
}
