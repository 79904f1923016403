/**
 * The whole number that a decimal such as `1.5` makes of a unit, computed without a rounding step: null when it is not whole or too
 * large to be exact. The text has to be digits with at most one point between them.
 */
export function scaleDecimal(decimal: string, unit: number): number | null {
  const [whole = "", fraction = ""] = decimal.split(".");
  const scale = 10 ** fraction.length;
  const product = Number(whole + fraction) * unit;
  return Number.isSafeInteger(product) && product % scale === 0 ? product / scale : null;
}
