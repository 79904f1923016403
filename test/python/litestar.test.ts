import { testFramework } from "../support/python-framework.ts";

testFramework("Litestar", {
  entry: "litestar_app:app",
  hasLifespan: true,
  hasBackgroundTasks: true,
  socketEnd: "socket closed",
});
