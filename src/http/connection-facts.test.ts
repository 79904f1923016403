import { describe, expect, test } from "bun:test";
import { LiveConnectionFacts } from "./connection-facts.ts";

describe("LiveConnectionFacts", () => {
  test("tells the path of a Unix socket that is listened on, and elsewhere our end of the connection", () => {
    const connection = { tls: null, localAddress: "192.0.2.7:443" };
    expect(new LiveConnectionFacts(connection, null).serverAddress.toString()).toBe("192.0.2.7:443");
    expect(new LiveConnectionFacts(connection, "/run/bü.sock").serverAddress.toString()).toBe("/run/bü.sock");
  });

  test("makes the address once for all requests", () => {
    const facts = new LiveConnectionFacts({ tls: null, localAddress: "[::1]:80" }, null);
    expect(facts.serverAddress).toBe(facts.serverAddress);
  });
});
