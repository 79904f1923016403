import { describe, expect, test } from "bun:test";
import { answersOn, choosePort } from "./demo.mjs";

describe("choosePort", () => {
  test("refuses a port that was asked for and is taken, and says who asked and what to do", async () => {
    using listener = Bun.listen({ hostname: "0.0.0.0", port: 0, socket: { data() {} } });
    for (const args of [["--port", `${listener.port}`], ["-port", `${listener.port}`], [`--port=${listener.port}`]]) {
      await expect(choosePort(args)).rejects.toThrow(
        `Cannot start the demo: port ${listener.port} (--port) is taken, choose another with PORT=NUMBER npm start`,
      );
    }
  });

  test.each(["0", "65536", "http", "80.5", ""])("refuses %p as a port", async (port) => {
    await expect(choosePort(["--port", port])).rejects.toThrow(
      `--port is '${port}', allowed is a port from 1 to 65535`,
    );
  });
});

describe("answersOn", () => {
  test("waits no longer for a server that is gone", async () => {
    expect(await answersOn(1, () => true)).toBe(false);
  });

  test("waits until the server answers", async () => {
    let askedCount = 0;
    using server = Bun.serve({ port: 0, fetch: () => new Response("", { status: askedCount++ === 0 ? 503 : 200 }) });
    expect(await answersOn(server.port ?? 0, () => false)).toBe(true);
    expect(askedCount).toBeGreaterThan(1);
  });
});
