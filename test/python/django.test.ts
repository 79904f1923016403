import { expect, test } from "bun:test";

import { testFramework } from "../support/python-framework.ts";
import type { VilyaServer } from "../support/vilya.ts";

const paths = { streamPath: "/stream-async", eventsPath: "/events-async" };

testFramework(
  "Django over ASGI, with Channels",
  { entry: "django_app:asgi", socketEnd: "socket 1000", ...paths },
  testSite,
);

testFramework("Django over WSGI", { entry: "django_app:application" }, testSite);

function testSite(server: () => VilyaServer): void {
  test("keeps sessions in its database", async () => {
    const jar = new CookieJar(server().url);
    expect(await (await jar.fetch("/count")).json()).toEqual({ count: 1 });
    expect(await (await jar.fetch("/count")).json()).toEqual({ count: 2 });
  });

  test("lets its administrators in", async () => {
    const jar = new CookieJar(server().url);
    const login = await (await jar.fetch("/admin/login/")).text();
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(login)?.[1] ?? "";
    const form = new URLSearchParams({
      username: "root",
      password: "secret",
      csrfmiddlewaretoken: token,
      next: "/admin/",
    });
    const entered = await jar.fetch("/admin/login/", { method: "POST", body: form });
    expect([entered.status, entered.headers.get("location")]).toEqual([302, "/admin/"]);
    expect(await (await jar.fetch("/admin/auth/user/")).text()).toContain("root@example.com");
    expect((await fetch(`${server().url}/admin/`, { redirect: "manual" })).status).toBe(302);
  });
}

/** Keeps cookies as a browser does, as far as one site needs it. */
class CookieJar {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, referer: this.#origin };
    const response = await fetch(this.#origin + path, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}
