import { testFramework } from "../support/python-framework.ts";

testFramework("Quart", {
  entry: "quart_app:app",
  hasLifespan: true,
  hasBackgroundTasks: true,
  socketEnd: "socket closed",
});
