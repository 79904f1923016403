/**
 * Adds up what is counted in two values of the same shape: numbers, in lists and objects, at any depth. Everything else is the first one's.
 */
export function addCounts<Value>(one: Value, other: Value): Value {
  return add(one, other) as Value;
}

function add(one: unknown, other: unknown): unknown {
  if (typeof one === "number" && typeof other === "number") return one + other;
  if (Array.isArray(one) && Array.isArray(other)) {
    const numbers: readonly unknown[] = other;
    return one.map((value: unknown, index) => add(value, numbers[index]));
  }
  if (isRecord(one) && isRecord(other)) {
    return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, add(value, other[key])]));
  }
  return one;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
