import { describe, expect, test } from "bun:test";
import { parameterNames, parsePathPattern, type PathPattern } from "./path-pattern.ts";
import { PathTable } from "./path-table.ts";

interface Entry {
  readonly text: string;
  readonly pattern: PathPattern;
}

function tableOf(texts: readonly string[]): PathTable<Entry> {
  const table = new PathTable<Entry>();
  for (const text of texts) {
    const pattern = parsePathPattern(text);
    if (typeof pattern === "string") throw new Error(pattern);
    table.add(pattern, { text, pattern });
  }
  return table;
}

/** `pattern name=value …` of what takes the path. */
function find(table: PathTable<Entry>, path: string, takes: (text: string) => boolean = () => true): string | null {
  const entry = table.find(path, { takes: ({ text }) => takes(text) });
  if (entry === null) return null;
  const { offsets } = table;
  const values = parameterNames(entry.pattern).map(
    (name, index) => `${name}=${path.slice(offsets[2 * index], offsets[2 * index + 1])}`,
  );
  return [entry.text, ...values].join(" ");
}

describe("PathTable", () => {
  const table = tableOf([
    "/{rest:path}",
    "/",
    "/users",
    "/users/",
    "/users/new",
    "/users/{name}",
    "/users/{id:int}",
    "/users/{id:int}/posts",
    "/users/{name}/posts/{post}",
    "/users/new/{step}/x",
    "/api/*",
    "/api/v1/{rest:path}",
  ]);

  test.each([
    ["/", "/"],
    ["/users", "/users"],
    ["/users/", "/users/"],
    ["/users/new", "/users/new"],
    ["/users/42", "/users/{id:int} id=42"],
    ["/users/eve", "/users/{name} name=eve"],
    ["/users/42/posts", "/users/{id:int}/posts id=42"],
    // The number leads nowhere: back to the name.
    ["/users/42/posts/7", "/users/{name}/posts/{post} name=42 post=7"],
    // The text leads nowhere: back to the name, whose parameters do not keep what was tried.
    ["/users/new/posts/7", "/users/{name}/posts/{post} name=new post=7"],
    ["/users/new/a/x", "/users/new/{step}/x step=a"],
    // All the way back.
    ["/users/new/a/y", "/{rest:path} rest=users/new/a/y"],
    ["/users/42/", "/{rest:path} rest=users/42/"],
    ["/users//posts", "/{rest:path} rest=users//posts"],
    ["/api", "/api/*"],
    ["/api/", "/api/*"],
    ["/api/v2/x", "/api/*"],
    ["/api/v1", "/api/v1/{rest:path} rest="],
    ["/api/v1/a/b", "/api/v1/{rest:path} rest=a/b"],
    ["/apis", "/{rest:path} rest=apis"],
    ["/users/1234567890123456", "/users/{name} name=1234567890123456"],
    ["/users/-1", "/users/{name} name=-1"],
    ["/__proto__", "/{rest:path} rest=__proto__"],
  ])("finds %s by %s", (path, expected) => {
    expect(find(table, path)).toBe(expected);
  });

  test("goes on to the next pattern when an entry is not taken", () => {
    expect(find(table, "/users/42", (text) => text !== "/users/{id:int}")).toBe("/users/{name} name=42");
    expect(find(table, "/users/42", (text) => text.startsWith("/{"))).toBe("/{rest:path} rest=users/42");
    expect(find(table, "/users/42", () => false)).toBeNull();
  });

  test("asks entries of one shape in the order in which they were added", () => {
    const asked: string[] = [];
    find(tableOf(["/{a}", "/{b}", "/x", "/{c}"]), "/x", (text) => {
      asked.push(text);
      return false;
    });
    expect(asked).toEqual(["/x", "/{a}", "/{b}", "/{c}"]);
  });

  test("finds nothing in an empty table", () => {
    expect(find(tableOf([]), "/")).toBeNull();
    expect(find(tableOf(["/a/b"]), "/a")).toBeNull();
  });

  test("looks at each entry once at most, however the path tries to send it back and forth", () => {
    const texts = Array.from({ length: 256 }, (_, index) => {
      const bits = index.toString(2).padStart(8, "0");
      return `/${bits
        .split("")
        .map((bit, place) => (bit === "0" ? "1" : `{p${place}}`))
        .join("/")}`;
    });
    let askedCount = 0;
    find(tableOf(texts), "/1/1/1/1/1/1/1/1", () => {
      askedCount++;
      return false;
    });
    expect(askedCount).toBe(256);
  });
});
