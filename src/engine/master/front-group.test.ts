import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { FakeFront, KILLED, settle, STOPPED } from "../../../test/support/supervised-front.ts";
import { FrontGroup, type FrontKind } from "./front-group.ts";
import type { FrontStatus } from "../front-status.ts";
import type { FrontWatcher } from "./supervised-front.ts";

const STATUS: FrontStatus = { isReady: true, workerCount: 2, busyCount: 1, connectionCount: 3 };

interface Spawned {
  readonly front: FakeFront;
  readonly place: string;
  readonly role: string;
  readonly watcher: FrontWatcher;
}

/** Fronts of one kind, as they are spawned. */
class Kind implements FrontKind {
  readonly spawned: Spawned[] = [];
  readonly count: number;
  readonly stopTimeoutMs = 30_000;
  readonly startTimeoutMs = 20_000;

  constructor(count: number) {
    this.count = count;
  }

  spawnerFor: FrontKind["spawnerFor"] = ({ index, count }) => {
    return (_, role, watcher) => {
      const front = new FakeFront(this.count * 1_000 + this.spawned.length);
      this.spawned.push({ front, place: `${index + 1} of ${count}`, role, watcher });
      return front;
    };
  };

  get orders(): readonly (readonly string[])[] {
    return this.spawned.map(({ front }) => front.orders);
  }
}

function groupOf(kind: Kind) {
  const statuses: FrontStatus[] = [];
  const log = new RecordingLog();
  const group = new FrontGroup({ kind, onStatus: (status) => void statuses.push(status), log });
  group.start();
  return { group, statuses, log };
}

/** A group whose fronts all serve. */
async function servingGroup(kind: Kind) {
  const scene = groupOf(kind);
  for (const { front, watcher } of kind.spawned) {
    front.start();
    watcher.onStatus(STATUS);
  }
  kind.spawned[0]?.watcher.onStanding();
  await settle();
  return scene;
}

async function startReplacing(group: FrontGroup, kind: Kind) {
  const outcome = group.replace(kind).then(
    () => "replaced",
    (error: unknown) => (error as Error).message,
  );
  await settle();
  return outcome;
}

describe("FrontGroup", () => {
  test("runs as many fronts as its kind says, each with its place", () => {
    const kind = new Kind(3);
    const { group } = groupOf(kind);
    expect(kind.spawned.map(({ place, role }) => `${place}, ${role}`)).toEqual([
      "1 of 3, first",
      "2 of 3, first",
      "3 of 3, first",
    ]);
    expect([3_000, 3_001, 3_002, 3_003].map((pid) => group.isFront(pid))).toEqual([true, true, true, false]);
  });

  test("tells how all are together, once it has heard of each", async () => {
    const kind = new Kind(2);
    const { statuses } = groupOf(kind);
    kind.spawned[0]!.watcher.onStatus(STATUS);
    expect(statuses).toEqual([]);
    kind.spawned[1]!.watcher.onStatus({ ...STATUS, isReady: false });
    expect(statuses).toEqual([{ isReady: true, workerCount: 4, busyCount: 2, connectionCount: 6 }]);
  });

  test("has the others accept for a front that dies, until another one serves in its place", async () => {
    const kind = new Kind(2);
    const { group } = await servingGroup(kind);
    kind.spawned[0]!.front.exit(KILLED);
    await settle();
    expect(kind.orders[1]).toEqual(["accept for 0"]);
    expect(group.deathCount).toBe(1);
    const { front, place, watcher } = kind.spawned[2]!;
    expect(place).toBe("1 of 2");
    front.isServing = true;
    watcher.onStanding();
    expect(kind.orders[1]).toEqual(["accept for 0", "accept for none"]);
  });

  test("has the others accept for a front that hangs", async () => {
    const kind = new Kind(2);
    await servingGroup(kind);
    const [, { front, watcher }] = kind.spawned as [Spawned, Spawned];
    front.isServing = false;
    watcher.onStanding();
    expect(kind.orders).toEqual([["accept for 1"], []]);
    front.isServing = true;
    watcher.onStanding();
    expect(kind.orders).toEqual([["accept for 1", "accept for none"], []]);
  });

  test("shares new numbers of workers out", async () => {
    const kind = new Kind(2);
    const { group } = await servingGroup(kind);
    group.resizePools({ shop: { workerCount: 5, workerCountMin: 1, workerCountMax: 5 } });
    expect(kind.orders).toEqual([["resize shop 3"], ["resize shop 2"]]);
  });

  test("reloads the workers of all, and says why where one did not", async () => {
    const kind = new Kind(3);
    const { group } = await servingGroup(kind);
    const failure = { reason: "no workers", stderr: [] };
    kind.spawned[0]!.front.reloads = [{ app: "shop", failure: null }];
    kind.spawned[1]!.front.reloads = null;
    kind.spawned[2]!.front.reloads = [{ app: "shop", failure }];
    expect(await group.reloadWorkers(null)).toEqual([{ app: "shop", failure }]);
    for (const { front } of kind.spawned) front.reloads = null;
    expect(await group.reloadWorkers(null)).toBeNull();
  });

  test("has new workers take over in all fronts or in none", async () => {
    const kind = new Kind(2);
    const { group } = await servingGroup(kind);
    const [first, second] = kind.spawned.map(({ front }) => front) as [FakeFront, FakeFront];
    const notLet = { reason: "the workers of another front do not start", stderr: [] };
    first.reloads = [{ app: "shop", failure: notLet }];
    second.reloads = [{ app: "shop", failure: { reason: "no workers", stderr: [] } }];
    const verdicts: boolean[] = [];
    first.onReload = async (ballot) => void verdicts.push(await ballot("shop", true));
    second.onReload = async (ballot) => void verdicts.push(await ballot("shop", false));
    expect((await group.reloadWorkers("shop"))?.map(({ failure }) => failure?.reason)).toEqual(["no workers"]);
    expect(verdicts).toEqual([false, false]);
    second.onReload = () => Promise.resolve();
    second.reloads = null;
    first.reloads = [{ app: "shop", failure: null }];
    expect(await group.reloadWorkers("shop")).toEqual([{ app: "shop", failure: null }]);
    expect(verdicts).toEqual([false, false, true]);
  });

  test("stops all of them, and says when one has cut something", async () => {
    const kind = new Kind(2);
    const { group } = await servingGroup(kind);
    const stopped = group.stop("graceful");
    expect(kind.orders).toEqual([["stop"], ["stop"]]);
    kind.spawned[0]!.front.exit(STOPPED);
    kind.spawned[1]!.front.exit({ ...STOPPED, wasCut: true });
    expect(await stopped).toEqual({ wasCut: true });
  });
});

describe("FrontGroup › replace", () => {
  test("lets the old ones go when all of the new ones accept, and none accepts before all are ready", async () => {
    const [old, next] = [new Kind(2), new Kind(2)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    next.spawned[0]!.front.prepare();
    await settle();
    expect(next.orders).toEqual([[], []]);
    next.spawned[1]!.front.prepare();
    await settle();
    expect(next.orders).toEqual([["accept for none"], ["accept for none"]]);
    expect(old.orders).toEqual([[], []]);
    for (const { front } of next.spawned) front.start();
    expect(await outcome).toBe("replaced");
    expect(old.orders).toEqual([["hand over"], ["hand over"]]);
    expect((await group.report()).generation).toBe(2);
  });

  test("keeps all old ones when one of the new ones is not ready", async () => {
    const [old, next] = [new Kind(2), new Kind(2)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    next.spawned[0]!.front.prepare();
    next.spawned[1]!.front.exit({ ...KILLED, hasStarted: false, failure: "no workers" });
    expect(await outcome).toBe("Cannot replace the front: no workers; the old one stays");
    expect(old.orders).toEqual([[], []]);
    expect(next.orders).toEqual([["kill"], ["kill"]]);
  });

  test("has those finish that accept already, when another one of the new ones does not", async () => {
    const [old, next] = [new Kind(2), new Kind(2)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    for (const { front } of next.spawned) front.prepare();
    await settle();
    next.spawned[0]!.front.start();
    next.spawned[1]!.front.exit({ ...KILLED, hasStarted: false, failure: "no port" });
    expect(await outcome).toContain("no port");
    expect(next.orders[0]).toEqual(["accept for none", "hand over"]);
    expect(old.orders).toEqual([[], []]);
    next.spawned[0]!.front.exit(STOPPED);
    await settle();
    expect(group.isFront(2_000)).toBe(true);
  });

  test("grows, and replaces what dies of those that were added", async () => {
    const [old, next] = [new Kind(1), new Kind(3)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    for (const { front } of next.spawned) front.start();
    expect(await outcome).toBe("replaced");
    expect(next.spawned.map(({ place }) => place)).toEqual(["1 of 3", "2 of 3", "3 of 3"]);
    next.spawned[2]!.front.exit({ ...KILLED, livedMs: 10_000 });
    await settle();
    expect(next.spawned.map(({ place }) => place)).toEqual(["1 of 3", "2 of 3", "3 of 3", "3 of 3"]);
  });

  test("shrinks, lets those finish whose place is gone, and waits for them at a stop", async () => {
    const [old, next] = [new Kind(2), new Kind(1)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    for (const { front } of next.spawned) front.start();
    expect(await outcome).toBe("replaced");
    expect(old.orders).toEqual([["hand over"], ["hand over"]]);
    expect(group.isFront(2_001)).toBe(true);
    const stopped = group.stop("graceful");
    old.spawned[0]!.front.exit(STOPPED);
    next.spawned[0]!.front.exit(STOPPED);
    old.spawned[1]!.front.exit({ ...STOPPED, wasCut: true });
    expect(await stopped).toEqual({ wasCut: true });
    expect(old.spawned).toHaveLength(2);
  });

  test("ends what it has begun when a stop comes", async () => {
    const [old, next] = [new Kind(1), new Kind(2)];
    const { group } = await servingGroup(old);
    const outcome = startReplacing(group, next);
    await settle();
    const stopped = group.stop("graceful");
    old.spawned[0]!.front.exit(STOPPED);
    expect(await outcome).toContain("the engine is stopping");
    expect(await stopped).toEqual({ wasCut: false });
    expect(next.orders).toEqual([["kill"], ["kill"]]);
  });
});
