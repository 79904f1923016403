import { describe, expect, test } from "bun:test";
import { CallScene } from "../../../test/support/call-scene.ts";
import { LoopWatch } from "./loop-watch.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A watch with a ping every 100 ms that ends its worker after 350 ms, and a worker whose calls the test counts. */
class Scene extends CallScene {
  isBusy = true;
  readonly watch: LoopWatch;

  constructor() {
    super({ pingIntervalMs: 100, pingTimeoutMs: 350 });
    this.watch = new LoopWatch({ host: this, context: this.context, isBusy: () => this.isBusy });
  }

  /** Moves the clock on in steps as fine as its deadlines. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      this.clock.advance(10);
      await nextTurn();
    }
  }
}

describe("LoopWatch", () => {
  test("pings a busy worker again and again as long as it answers", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    for (let n = 1; n <= 3; n++) {
      await scene.pass(110);
      expect(scene.said).toHaveLength(n);
      scene.watch.onPong(n);
    }
    expect(scene.said).toEqual(["ping 1", "ping 2", "ping 3"]);
    expect(scene.watch.isBlocked).toBe(false);
  });

  test("leaves an idle worker alone until it has a call again", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    scene.isBusy = false;
    await scene.pass(1_000);
    expect([scene.said, scene.clock.timerCount]).toEqual([[], 0]);
    scene.isBusy = true;
    scene.watch.onBusy();
    await scene.pass(110);
    expect(scene.said).toEqual(["ping 1"]);
  });

  test("says once that the loop is blocked, and once that it turns again", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(320);
    expect(scene.said).toEqual(["ping 1", expect.stringMatching(/^blocked 1[0-2]\d$/)]);
    expect(scene.watch.isBlocked).toBe(true);
    scene.watch.onPong(1);
    expect(scene.said[2]).toMatch(/^resumed 2\d\d$/);
    expect(scene.watch.isBlocked).toBe(false);
    scene.watch.onPong(1);
    expect(scene.said).toHaveLength(3);
  });

  test("ends a worker whose loop stands still for longer than the timeout", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(600);
    expect(scene.said.at(-1)).toBe("terminate unresponsive");
  });

  test("does not take a pause of the engine for one of the worker", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(110);
    scene.clock.stall(5_000);
    scene.watch.onPong(1); // Arrived while we stood still, and is read in the turn in which the deadline has fired.
    await nextTurn();
    expect(scene.said).toEqual(["ping 1"]);
  });

  test("does not take a pause of the machine for one of the worker", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(110);
    scene.clock.stall(5_000);
    await nextTurn();
    expect(scene.said).toEqual(["ping 1", expect.stringMatching(/^blocked 50\d\d$/)]);
    scene.watch.onPong(1);
    await scene.pass(110);
    expect(scene.said.at(-1)).toBe("ping 2");
  });

  test("skips answers to no ping of its own", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(110);
    for (const n of [-1, 0, 2]) scene.watch.onPong(n);
    await scene.pass(110);
    expect(scene.watch.isBlocked).toBe(true);
  });

  test("says nothing of a worker that is lost", async () => {
    const scene = new Scene();
    scene.watch.onBusy();
    await scene.pass(110);
    scene.clock.stall(200);
    scene.watch.stop();
    await nextTurn();
    expect([scene.said, scene.clock.timerCount]).toEqual([["ping 1"], 0]);
  });
});
