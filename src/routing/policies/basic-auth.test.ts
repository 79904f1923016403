import { describe, expect, test } from "bun:test";
import { HttpServer } from "../../../test/support/http-server.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { openExchange } from "../../../test/support/routed-exchange.ts";
import { until } from "../../../test/support/until.ts";
import type { Exchange } from "../../http/exchange.ts";
import { ExchangeTrace } from "../../http/watch/exchange-trace.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import { MatchedRoute } from "../../http/matched-route.ts";
import { basicAuth } from "./basic-auth.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import { PasswordCheck, VERIFY_COUNT_MAX, WAITING_COUNT_MAX } from "./password-check.ts";

const users = {
  eve: await Bun.password.hash("p:ss wörd", { algorithm: "bcrypt", cost: 4 }),
  bob: await Bun.password.hash("secret", { algorithm: "argon2id", memoryCost: 8, timeCost: 2 }),
};
const match = new MatchedRoute({ name: "r", path: "/*", parameterNames: [] }, []);

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** A request that waits to be asked for its body. */
function post(credentials: string): string {
  const fields = ["Host: a", `Authorization: ${basic(credentials)}`, "Content-Length: 4", "Expect: 100-continue"];
  return `POST / HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`;
}

function guard(log = new RecordingLog()) {
  const policy = basicAuth({ realm: "the back", users }, log);
  return (authorization: string | null) => {
    const opened = openExchange("GET a/x", authorization === null ? {} : { Authorization: authorization });
    const { exchange } = opened;
    exchange.handler = policy(exchange, match, greet);
    exchange.complete(null);
    return opened;
  };
}

function greet(exchange: Exchange): ImmediateHandler {
  return new ImmediateHandler(exchange, () => exchange.respond(fixedResponse(200, {}, `hello ${exchange.head.path}`)));
}

const REFUSED = 'refused 401 WWW-Authenticate: Basic realm="the back", charset="UTF-8"';

describe("basicAuth", () => {
  test.each([null, "", "Bearer x", "Basic", "Basic ???", basic("no colon"), `Basic ${"a".repeat(2_000)}`])(
    "asks at once whoever sends %j for name and password",
    (authorization) => {
      expect(guard()(authorization).writer.answer).toBe(REFUSED);
    },
  );

  test.each(["eve:wrong", "eve:", "eve:p:ss", "nobody:secret", ":secret", "bob:secret "])(
    "refuses %j, and the second time at once",
    async (credentials) => {
      const ask = guard();
      const { writer } = ask(basic(credentials));
      expect(writer.answer).toBe("");
      await until("the refusal", () => writer.answer !== "");
      expect(writer.answer).toBe(REFUSED);
      expect(ask(basic(credentials)).writer.answer).toBe(REFUSED);
    },
  );

  test.each(["eve:p:ss wörd", "bob:secret"])("lets %j pass, and the second time at once", async (credentials) => {
    const ask = guard();
    const { writer } = ask(basic(credentials));
    await until("the answer", () => writer.answer !== "");
    expect(writer.answer).toBe("200\nhello /x");
    expect(ask(basic(credentials)).writer.answer).toBe("200\nhello /x");
  });

  test("tells logs whose password was right, the first time and later", async () => {
    class Trace extends ExchangeTrace {
      onBegin(): void {}
      onEnd(): void {}
    }
    const policy = basicAuth({ realm: "r", users }, new RecordingLog());
    for (const [credentials, expected] of [
      ["bob:secret", "bob"],
      ["bob:secret", "bob"],
      ["bob:wrong", null],
    ] as const) {
      const { exchange, writer } = openExchange("GET a/x", { Authorization: basic(credentials) });
      const trace = (exchange.trace = new Trace());
      exchange.handler = policy(exchange, match, greet);
      exchange.complete(null);
      await until("the answer", () => writer.answer !== "");
      expect(trace.user).toBe(expected);
    }
  });

  test("keeps the head of a request that waits, whatever its connection reads meanwhile", async () => {
    const policy = basicAuth({ realm: "r", users }, new RecordingLog());
    const { exchange, writer } = openExchange("GET a/kept", { Authorization: basic("bob:secret") });
    const shared = exchange.head;
    exchange.handler = policy(exchange, match, greet);
    exchange.complete(null);
    shared.bytes.fill(0x2f);
    await until("the answer", () => writer.answer !== "");
    expect(writer.answer).toBe("200\nhello /kept");
  });

  test.each(["parts", "whole"] as const)(
    "reads nothing of a body before it may pass, whose handler then has it as it wants: %s",
    async (intake) => {
      const policy = basicAuth({ realm: "r", users }, new RecordingLog());
      using server = new HttpServer({}, "clear", (app) => (exchange) => policy(exchange, match, app));
      server.bodyIntake = intake;
      using denied = await server.connect();
      denied.send(post("eve:wrong"));
      expect(await denied.untilEnd()).toStartWith("HTTP/1.1 401 ");
      expect(server.requests).toEqual([]);
      using client = await server.connect();
      client.send(post("bob:secret"));
      await until("its handler", () => server.requests.length === 1);
      const request = server.requests[0]!;
      request.stream?.open(request, 9);
      await client.untilReceived("HTTP/1.1 100 Continue\r\n\r\n");
      client.send("body");
      await until("the body", () => request.body === "body");
      expect(request.isComplete).toBe(intake === "whole");
    },
  );

  test("answers nobody whose client has left meanwhile", async () => {
    const ask = guard();
    const { exchange, writer } = ask(basic("bob:secret"));
    exchange.abandon();
    const { writer: later } = ask(basic("bob:secret"));
    await until("the answer to the next one", () => later.answer !== "");
    expect(writer.answer).toBe("");
  });
});

describe("PasswordCheck", () => {
  test("verifies so many at once, lets so many wait, and sends the others away", async () => {
    const check = new PasswordCheck(users, new RecordingLog());
    const askedCount = VERIFY_COUNT_MAX + WAITING_COUNT_MAX + 1;
    const verdicts = await Promise.all(
      Array.from({ length: askedCount }, (_, index) => check.verify(`eve:wrong ${index}`)),
    );
    expect(verdicts.filter((verdict) => verdict === "busy")).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict === "denied")).toHaveLength(askedCount - 1);
    expect(await check.verify("eve:p:ss wörd")).toBe("allowed");
  });

  test("denies and says so when a hash cannot be verified", async () => {
    const log = new RecordingLog();
    const check = new PasswordCheck({ eve: "$2b$04$broken" }, log);
    expect(await check.verify("eve:x")).toBe("denied");
    expect(log.events.map(({ event }) => event)).toEqual(["password cannot be verified"]);
  });
});
