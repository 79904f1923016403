import { VERSION } from "../base/version.ts";
import type { SpooledBody } from "../http/body-spool.ts";
import type { Dispatch, Exchange, ExchangeHandler } from "../http/exchange.ts";
import { fixedResponse } from "../http/fixed-response.ts";
import { type AdminAccess, denialOf } from "./admin-access.ts";
import type { AdminInstance } from "./admin-instance.ts";
import { type ApiAnswer, type ApiOperation, type ApiRequest, refusal } from "./api/api-operation.ts";
import { openApiDocument } from "./api/open-api.ts";
import { OPERATIONS } from "./api/operations.ts";

const DESCRIPTION_PATH = "/v1/openapi.json";

/** Answers requests to the admin interface: what the instance is, and what it shall do. */
export function createAdminDispatch(instance: AdminInstance, access: AdminAccess): Dispatch {
  return (exchange) => new AdminHandler(exchange, instance, access);
}

class AdminHandler implements ExchangeHandler {
  readonly #exchange: Exchange;
  readonly #instance: AdminInstance;
  readonly #access: AdminAccess;

  constructor(exchange: Exchange, instance: AdminInstance, access: AdminAccess) {
    this.#exchange = exchange;
    this.#instance = instance;
    this.#access = access;
  }

  onRequest(body: SpooledBody | null): void {
    const { head } = this.#exchange;
    const denial = denialOf(head, this.#access, false);
    if (denial !== null) {
      const fields = denial.status === 401 ? { "WWW-Authenticate": 'Bearer realm="vilya"' } : {};
      this.#respond({ ...refusal(denial.status, denial.reason), fields });
      return;
    }
    const method = head.method === "HEAD" ? "GET" : head.method;
    if (head.path === DESCRIPTION_PATH && method === "GET") {
      this.#respond({ status: 200, body: openApiDocument(OPERATIONS, VERSION) });
      return;
    }
    const operation = OPERATIONS.find((each) => each.method === method && each.path === head.path);
    if (operation === undefined) {
      this.#respond(noOperation(head.path));
      return;
    }
    const request = { query: new URLSearchParams(head.query), accept: head.fields.get("accept") };
    void this.#perform(operation, readText(body), request);
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // What was asked for is done all the same.
  }

  async #perform(operation: ApiOperation, body: string, request: ApiRequest): Promise<void> {
    try {
      this.#respond(await operation.perform(this.#instance, body, request));
    } catch (error) {
      this.#respond(
        error instanceof SyntaxError ? refusal(400, "the body is not a JSON object") : refusal(500, "it failed"),
      );
    }
  }

  #respond({ status, body, fields }: ApiAnswer): void {
    const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
    const common = {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    };
    this.#exchange.respond(fixedResponse(status, { ...common, ...fields }, text));
  }
}

function noOperation(path: string): ApiAnswer {
  const methods = OPERATIONS.filter((each) => each.path === path).map(({ method }) => method);
  if (path === DESCRIPTION_PATH) methods.push("GET");
  if (methods.length === 0) return refusal(404, "there is nothing at this path");
  return { ...refusal(405, "the method is another one"), fields: { Allow: methods.join(", ") } };
}

function readText(body: SpooledBody | null): string {
  let text = "";
  body?.read((bytes, start, end) => (text += Buffer.from(bytes.slice(start, end)).toString("utf8")));
  return text;
}
