import { EXIT_CODE } from "../../base/exit-code.ts";
import { quote } from "../../base/printable.ts";
import { WORKER_COUNT_RANGE } from "../../config/options/worker-options.ts";
import type { RunningInstance } from "../../engine/master/find-instance.ts";
import type { Command } from "../command.ts";
import { isGiven, wholeNumber } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { UsageError } from "../usage-error.ts";

/** Gives an app of a running instance another number of workers. */
export const scaleCommand: Command = {
  name: "scale",
  summary: "Give an app of a running instance another number of workers",
  description: `Starts or retires workers until the app, which needs no name where there is one, has NUMBER (${WORKER_COUNT_RANGE.min} to ${WORKER_COUNT_RANGE.max}). It holds until the next start, or a reload of the configuration. A pool with min_workers below max_workers moves them where NUMBER is beyond them, and scales on between them.`,
  positionals: "[APP] NUMBER",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, positionals, terminal, system }) {
    const { app: named, count } = readScale(positionals);
    const instance = await instanceOf(flags, system);
    const app = named ?? (await onlyAppOf(instance, count));
    const size = await instance.scale(app, count);
    terminal.out(
      isGiven(flags, JSON_FLAG)
        ? `${JSON.stringify(size)}\n`
        : `${app}: ${count} ${count === 1 ? "worker" : "workers"}\n`,
    );
    return EXIT_CODE.ok;
  },
};

interface Scale {
  /** `null` where the instance has to have one only. */
  readonly app: string | null;
  readonly count: number;
}

function readScale(positionals: readonly string[]): Scale {
  const { min, max } = WORKER_COUNT_RANGE;
  const [first, second] = positionals;
  const isAlone = second === undefined && first !== undefined && !Number.isNaN(wholeNumber(first));
  const [app, number] = isAlone ? [undefined, first] : [first, second];
  const count = wholeNumber(number ?? "");
  if (count >= min && count <= max) return { app: app ?? null, count };
  const state = number === undefined ? "no number of workers is given" : `the number of workers is ${quote(number)}`;
  throw new UsageError(
    `Cannot scale ${app === undefined ? "an app" : quote(app)}: ${state}, ${min} to ${max} is allowed`,
    `try: vilya scale ${app === undefined ? "8" : `${app} 8`}`,
  );
}

/** In the short form of the configuration nobody has given the app a name. */
async function onlyAppOf(instance: RunningInstance, count: number): Promise<string> {
  const apps = ((await instance.report()).front?.pools ?? []).map((pool) => pool.app);
  const [first, second] = apps;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) {
    throw new UsageError("Cannot scale an app: there is none that has workers, one is needed", "try: vilya status");
  }
  throw new UsageError(
    `Cannot scale an app: none is named, one of ${apps.join(", ")} is allowed`,
    `try: vilya scale ${first} ${count}`,
  );
}
