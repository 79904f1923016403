import { currentSystem } from "../../config/config-system.ts";
import { Front } from "./front.ts";
import { runFrontRole } from "./front-role.ts";

/** The process that serves clients, started by the master. Returns its exit code. */
export function frontMain(): Promise<number> {
  const { environment } = currentSystem();
  return runFrontRole((options) => new Front({ ...options, environment }));
}
