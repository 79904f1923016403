import type { Accounts, User } from "./accounts.ts";
import { appScopes } from "./app-scopes.ts";
import type { Option } from "./options/option.ts";
import type { ConfigProblem } from "./problem.ts";
import type { Settings } from "./settings.ts";
import type { SettingsScope } from "./settings-scope.ts";
import { group, user } from "./options/worker-account-options.ts";

/** As whom workers run that run as somebody else than the engine. */
export interface WorkerIdentity {
  readonly userId: number;
  readonly groupId: number;
  /** Every group it has, `groupId` first. */
  readonly groupIds: readonly number[];
  /** Null for a number that no name stands for. */
  readonly userName: string | null;
  readonly homeDirectory: string | null;
}

/** Who the workers of an app are: null for those who are who the engine is, and for whom there is no telling. */
export function resolveIdentity(scope: SettingsScope, accounts: Accounts): WorkerIdentity | null {
  const finding = find(scope, accounts);
  return "state" in finding ? null : finding.identity;
}

/** Users and groups that are not there, and those that this process may not start workers as. */
export function checkIdentities(settings: Settings, accounts: Accounts): readonly ConfigProblem[] {
  return appScopes(settings).flatMap(({ scope }): readonly ConfigProblem[] => {
    const finding = find(scope, accounts);
    if (!("state" in finding)) return [];
    const { option, state, hint } = finding;
    return [{ message: `Cannot use ${scope.keyOf(option)}: ${state}`, origins: [scope.origin(option)], hint }];
  });
}

interface Refusal {
  readonly option: Option<string | null>;
  readonly state: string;
  readonly hint: string | null;
}

type Finding = { readonly identity: WorkerIdentity | null } | Refusal;

function find(scope: SettingsScope, accounts: Accounts): Finding {
  const [userText, groupText] = [scope.value(user), scope.value(group)];
  if (userText === null) return groupText === null ? { identity: null } : withoutUser(scope);
  const found = accounts.user(userText);
  if (found === null) return missing(user, "user", userText, "/etc/passwd");
  const groupId = groupText === null ? found.groupId : accounts.group(groupText);
  if (groupId === null) {
    return groupText === null ? withoutGroup(userText, scope) : missing(group, "group", groupText, "/etc/group");
  }
  const { own } = accounts;
  if (found.id === own.userId && groupId === own.groupId) return { identity: null };
  return own.userId === 0 ? { identity: identityOf(found, groupId, accounts) } : notRoot(userText, own.userId, scope);
}

function identityOf({ id, name, homeDirectory }: User, groupId: number, accounts: Accounts): WorkerIdentity {
  const others = name === null ? [] : accounts.groupsOf(name);
  return { userId: id, groupId, groupIds: [...new Set([groupId, ...others])], userName: name, homeDirectory };
}

function withoutUser(scope: SettingsScope): Refusal {
  const state = `${scope.keyOf(user)} is missing, a group beside a user is allowed`;
  return { option: group, state, hint: `try: ${scope.keyOf(user)}: www-data` };
}

function withoutGroup(userText: string, scope: SettingsScope): Refusal {
  const key = scope.keyOf(group);
  const state = `user ${userText} is not in /etc/passwd and has no group of its own, one with ${key} is allowed`;
  return { option: user, state, hint: `try: ${key}: ${userText}` };
}

function missing(option: Option<string | null>, kind: "user" | "group", name: string, file: string): Refusal {
  return {
    option,
    state: `there is no ${kind} ${name} in ${file}, a name from there or a number is allowed`,
    hint: null,
  };
}

function notRoot(userText: string, ownId: number, scope: SettingsScope): Refusal {
  const state = `this is user ${ownId}, who may not start workers as ${userText}, root is allowed to`;
  return { option: user, state, hint: `try: start the engine as root, or leave ${scope.keyOf(user)} out` };
}
