import { appendFileSync } from "node:fs";
import { createRequestHandler } from "react-router";
import { setTimeout as sleep } from "node:timers/promises";

/** A route as the build of React Router makes it. */
function route(path, module) {
  return { id: path, path, module };
}

function words() {
  const left = ["one", "two", "three"];
  return new ReadableStream({
    async pull(controller) {
      await sleep(5);
      controller.enqueue(new TextEncoder().encode(`${left.shift()} `));
      if (left.length === 0) controller.close();
    },
  });
}

/** The application of test/integration/frameworks.test.ts as resource routes of React Router. */
const routes = [
  route("users/:id", {
    loader: ({ params, request, context }) =>
      Response.json({
        id: params.id,
        page: new URL(request.url).searchParams.get("page"),
        from: context.remoteAddress,
      }),
  }),
  route("echo", { action: async ({ request }) => Response.json(await request.json(), { status: 201 }) }),
  route("form", { action: async ({ request }) => new Response((await request.formData()).get("name")) }),
  route("cookies", {
    loader() {
      const headers = new Headers();
      headers.append("set-cookie", "a=1; Path=/");
      headers.append("set-cookie", "b=2; Path=/");
      return new Response("set", { headers });
    },
  }),
  route("stream", { loader: () => new Response(words()) }),
  route("later", {
    loader({ context }) {
      context.waitUntil(sleep(50).then(() => appendFileSync("later.txt", "done")));
      return new Response("now");
    },
  }),
  route("throw", {
    loader() {
      throw new Error("the secret reason");
    },
  }),
  route("*", { loader: () => new Response("not here", { status: 404 }) }),
];

const build = {
  entry: { module: { default: () => new Response(null), handleError() {} } },
  routes: Object.fromEntries(routes.map((each) => [each.id, each])),
  assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "1" },
  publicPath: "/",
  assetsBuildDirectory: "",
  basename: "/",
  future: {},
  ssr: true,
  isSpaMode: false,
  prerender: [],
  routeDiscovery: { mode: "initial" },
};

// oxlint-disable-next-line import/no-default-export -- what an app is
export default createRequestHandler(build, "production");
