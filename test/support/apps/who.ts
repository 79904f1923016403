/** An app in TypeScript as a user writes it: what it imports from the package is types alone. */
import type { App } from "vilya";

const app: App = {
  fetch(request) {
    const runtime = typeof Bun === "undefined" ? "Node.js" : "Bun";
    return Response.json({ runtime, path: new URL(request.url).pathname });
  },
};

// oxlint-disable-next-line import/no-default-export -- what an app is
export default app;
