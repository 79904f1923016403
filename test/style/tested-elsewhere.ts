/**
 * Files of `src/` that are large or out of the reach of imports, and the suite that tests them: parts of a whole that is tested as one, and
 * what runs only as a process of its own. Everything else is small and imported by a test, or has a `<stem>.test.ts`.
 */
export const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  "src/config/resolve-app.ts": "src/config/resolve-config.test.ts",
  "src/clients/http/upstream-call.ts": "test/integration/proxy.test.ts",
  "src/config/route-options.ts": "src/config/routes.test.ts",
  "src/engine/create-http-listener.ts": "test/integration/tls.test.ts",
  "src/engine/front-factory.ts": "test/integration/processes.test.ts",
  "src/admin/admin-handler.ts": "test/integration/admin.test.ts",
  "src/engine/admin-server.ts": "test/integration/admin.test.ts",
  "src/engine/find-instance.ts": "test/integration/admin.test.ts",
  "src/engine/front-main.ts": "test/integration/processes.test.ts",
  "src/engine/front-role.ts": "test/integration/processes.test.ts",
  "src/engine/front.ts": "test/integration/processes.test.ts",
  "src/engine/reloader.ts": "test/integration/reload.test.ts",
  "src/engine/route-actions.ts": "test/integration/routes.test.ts",
  "src/engine/serve.ts": "test/integration/processes.test.ts",
  "src/engine/session-socket.ts": "test/integration/websocket-sessions.test.ts",
  "src/engine/master-instance.ts": "test/integration/admin.test.ts",
  "src/http/access-log/access-line.ts": "src/http/access-log/access-log.test.ts",
  "src/http/access-log/request-facts.ts": "src/http/access-log/access-log.test.ts",
  "src/http/http2-answers.ts": "src/http/http2-lifecycle.test.ts",
  "src/http/http2-requests.ts": "src/http/http2-connection.test.ts",
  "src/http/http2-session.ts": "src/http/http2-connection.test.ts",
  "src/http/http2-stream.ts": "src/http/http2-lifecycle.test.ts",
  "src/http/http3-upload.ts": "src/http/http3-request.test.ts",
  "src/routing/proxy-call.ts": "test/integration/proxy.test.ts",
  "src/routing/proxy-target.ts": "test/integration/proxy.test.ts",
  "src/routing/proxy-upload.ts": "test/integration/proxy.test.ts",
};
