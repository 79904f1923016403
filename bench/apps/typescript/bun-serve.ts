import { answer } from "./app.ts";

/** The app on the runtime's own server. Prints its port. */
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
console.log(server.port);
