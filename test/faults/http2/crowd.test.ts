import { expect, test } from "bun:test";

import { SETTING } from "../../../src/protocols/http2/settings.ts";
import { Http2Client } from "../../support/http2-client.ts";
import { ping, windowUpdate } from "../../support/http2-frames.ts";
import { outcomeOf, phpApp } from "../../support/php-app.ts";
import { until } from "../../support/until.ts";
import { startVilya } from "../../support/vilya.ts";

const STREAM_COUNT = 1_000;
const ANSWER_BYTES = 200_000;

test("1,000 streams whose client takes nothing cost a buffer, and nobody else's time", async () => {
  await using server = await startVilya({
    config: phpApp({
      workers: { count: 1 },
      server: { http2: { max_concurrent_streams: STREAM_COUNT, send_buffer: "1MiB", max_idle_frames: 10_000 } },
    }),
  });
  const url = `${server.url}/echo`;
  for (let count = 0; count < 50; count++) expect(await outcomeOf(url)).toStartWith("200 ");
  const front = await server.frontPid();
  const before = await residentBytes(front);

  using crowd = await Http2Client.connect(server.port, { settings: [[SETTING.initialWindowSize, 0]] });
  const streams = Array.from({ length: STREAM_COUNT }, () => crowd.request(`/huge-answer?bytes=${ANSWER_BYTES}`));
  const answeredCount = (): number => streams.filter((each) => crowd.response(each).status === 200).length;
  await crowd.until("answers that wait for windows", () => answeredCount() >= 10);
  for (let count = 0; count < 200; count++) {
    expect(await outcomeOf(url)).toStartWith("200 ");
  }
  expect((await residentBytes(front)) - before).toBeLessThan(100 << 20);

  // Whoever then takes what it has asked for gets all of it.
  crowd.send(windowUpdate(0, STREAM_COUNT * ANSWER_BYTES));
  crowd.send(...streams.slice(0, 20).map((each) => windowUpdate(each, ANSWER_BYTES)));
  for (const each of streams.slice(0, 20)) expect((await crowd.untilEnded(each)).body.length).toBe(ANSWER_BYTES);
});

test("a client of 1,000 streams that leaves takes its requests along", async () => {
  await using server = await startVilya({
    config: phpApp({ workers: { count: 1 }, server: { http2: { max_concurrent_streams: STREAM_COUNT } } }),
  });
  using crowd = await Http2Client.connect(server.port);
  for (let count = 0; count < STREAM_COUNT; count++) crowd.request("/echo", "POST", null);
  crowd.send(ping("are here"));
  await crowd.untilFrame("the pong", ({ payload }) => payload.toString() === "are here");
  crowd.raw.reset();
  await until("an answer at once", async () => (await outcomeOf(`${server.url}/echo`)).startsWith("200 "));
  await until("the end of all requests", async () => {
    const health = (await (await fetch(`${server.url}/health`)).json()) as { active: number };
    return health.active === 0;
  });
});

async function residentBytes(processId: number): Promise<number> {
  const status = await Bun.file(`/proc/${processId}/status`).text();
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
