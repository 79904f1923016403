import { expect } from "bun:test";

import { until } from "../../support/until.ts";
import {
  begin,
  type Behaviour,
  describeBehaviours,
  untilBody,
  untilEnd,
  untilRequest,
  write,
} from "./behaviour-scene.ts";

const LEAVING: readonly Behaviour[] = (
  [
    {
      title: "while its request waits",
      run: async ({ server, peer }) => {
        const exchange = await peer.ask();
        const request = await untilRequest(server);
        exchange.leave();
        await until("the news", () => request.isAbandoned);
        request.answer("nobody reads this");
      },
    },
    {
      title: "while it sends its content",
      run: async ({ server, peer }) => {
        const exchange = await peer.ask({ method: "POST", content: { inParts: true } });
        exchange.send("a");
        await until("the request", () => server.requests.length === 1);
        exchange.leave();
        await until("the news", () => server.requests[0]!.isAbandoned);
        expect(server.requests[0]!.isComplete).toBe(false);
      },
    },
    {
      title: "while its content is read in parts",
      run: async ({ server, peer }) => {
        server.bodyIntake = "parts";
        const exchange = await peer.ask({ method: "POST", content: { inParts: true } });
        exchange.send("abc");
        const request = await untilRequest(server);
        request.stream!.open(request, 100);
        await until("the first part", () => request.body === "abc");
        exchange.leave();
        await until("the news", () => request.isAbandoned);
        expect(request.bodyEnd).not.toBe("complete");
      },
    },
    {
      title: "in the middle of its answer",
      run: async ({ server, peer }) => {
        const exchange = await peer.ask();
        const request = await untilRequest(server);
        const body = begin(request);
        write(body, "one");
        await untilBody(exchange, "one");
        exchange.leave();
        await until("the news", () => request.isAbandoned);
        write(body, "nobody reads this");
        body!.end();
      },
    },
  ] satisfies Behaviour[]
).map(({ title, run }) => ({
  title,
  run: async (scene) => {
    await run(scene);
    const { server, peer } = scene;
    expect(server.listener.counters.abandoned).toBe(1);
    server.bodyIntake = "whole";
    server.respond = (request) => request.answer("next");
    expect((await untilEnd(await peer.ask())).body).toBe("next");
  },
}));

describeBehaviours("A client that leaves ends its request and no other,", LEAVING);

describeBehaviours("A stop", [
  {
    title: "finishes what is in flight, whole and in parts, and then nothing is left",
    run: async ({ server, peer }) => {
      const whole = await peer.ask({ target: "/whole" });
      const inParts = await peer.ask({ target: "/parts" });
      await untilRequest(server, 2);
      const [first, second] = ["/whole", "/parts"].map((path) =>
        server.requests.find(({ target }) => target === path)!,
      );
      const body = begin(second!);
      write(body, "one");
      server.listener.announceClose();
      server.listener.stopAccepting();
      first!.answer("whole");
      write(body, "two");
      body!.end();
      expect(await untilEnd(whole)).toMatchObject({ body: "whole", end: "complete" });
      expect(await untilEnd(inParts)).toMatchObject({ body: "onetwo", end: "complete" });
      peer[Symbol.dispose](); // Connections of TCP are gone when both sides have closed.
      await server.listener.whenEmpty();
      expect(server.listener.closeConnections()).toBe(0);
    },
  },
  {
    title: "cuts what is left in the end, and tells the app",
    run: async ({ server, peer, loses }) => {
      const exchange = await peer.ask();
      const request = await untilRequest(server);
      write(begin(request), "one");
      await untilBody(exchange, "one");
      server.listener.stopAccepting();
      expect(server.listener.closeConnections()).toBe(1);
      await server.listener.whenEmpty();
      await until("the news", () => request.isAbandoned);
      if (!loses("visible cuts")) expect((await untilEnd(exchange)).end).toBe("cut");
    },
  },
]);
