import type { AdminInstance } from "../admin-instance.ts";
import { type ApiAnswer, refusal } from "./api-operation.ts";

/** What is repeated of a name that may be anything. */
const NAME_LENGTH_MAX = 64;

/** How many apps are named in place of one that is not there. */
const SUGGESTION_COUNT_MAX = 20;

/** 404 for an app that has no workers or is not there, with the names of those that have some. */
export async function noSuchApp(instance: AdminInstance, name: string | null): Promise<ApiAnswer> {
  const pools = (await instance.report()).front?.pools ?? [];
  const names = pools.slice(0, SUGGESTION_COUNT_MAX).map(({ app }) => app);
  const allowed = names.length === 0 ? "and none that has workers" : `${names.join(", ")} is allowed`;
  return refusal(404, `there is no app ${JSON.stringify(name?.slice(0, NAME_LENGTH_MAX) ?? "")}, ${allowed}`);
}
