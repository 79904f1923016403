import type { HttpError } from "../http/http-error.ts";
import { invalidForm } from "./form-limits.ts";

/** How a form is encoded; `boundary` is what stands between its parts. */
export type FormType = { readonly kind: "urlencoded" } | { readonly kind: "multipart"; readonly boundary: string };

/** RFC 2046 §5.1.1: 1 to 70 characters, the last of them no space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

const PARAMETER = /^;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))[ \t]*/;

/**
 * Whether the Content-Type of a request is one of the two that HTML forms send; null for all others.
 *
 * @throws {HttpError} 400 for a multipart form without a boundary, or with one that cannot be.
 */
export function formTypeOf(contentType: string | null): FormType | null {
  const [, name = "", parameters = ""] = /^([^;]*?)[ \t]*(;[^]*)?$/.exec(contentType ?? "") ?? [];
  switch (name.toLowerCase()) {
    case "application/x-www-form-urlencoded":
      return { kind: "urlencoded" };
    case "multipart/form-data":
      return { kind: "multipart", boundary: boundaryIn(parameters) };
    default:
      return null;
  }
}

function boundaryIn(parameters: string): string {
  let boundary: string | null = null;
  for (let rest = parameters; rest !== "";) {
    const [whole = "", name = "", quoted, plain = ""] = PARAMETER.exec(rest) ?? [];
    if (whole === "") throw badBoundary("the parameters of its Content-Type cannot be read");
    rest = rest.slice(whole.length);
    if (name.toLowerCase() !== "boundary") continue;
    if (boundary !== null) throw badBoundary("its Content-Type has two boundaries");
    boundary = quoted?.replace(/\\(.)/g, "$1") ?? plain;
  }
  if (boundary === null) throw badBoundary("its Content-Type has no boundary");
  if (!BOUNDARY.test(boundary)) throw badBoundary("its boundary is not one");
  return boundary;
}

function badBoundary(state: string): HttpError {
  return invalidForm(state, "one of 1 to 70 characters as in RFC 2046 is allowed");
}
