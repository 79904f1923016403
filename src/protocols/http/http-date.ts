const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTH = `(${MONTHS.join("|")})`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;

const IMF_FIXDATE = new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ${MONTH} (\d{4}) ${TIME} GMT$`);
const RFC_850 = new RegExp(
  String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-${MONTH}-(\d\d) ${TIME} GMT$`,
);
const ASCTIME = new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} ([ \d]\d) ${TIME} (\d{4})$`);

/** RFC 9110 §5.6.7: a two-digit year that seems further ahead than this is one of the century before. */
const YEARS_AHEAD_MAX = 50;

/**
 * Reads an HTTP-date in any of its three forms (RFC 9110 §5.6.7).
 *
 * @param nowMs tells which century a two-digit year is in.
 * @returns milliseconds since 1970, whole seconds; `null` for what is no HTTP-date, which a recipient ignores.
 */
export function parseHttpDate(text: string, nowMs: number): number | null {
  let match = IMF_FIXDATE.exec(text);
  if (match !== null) return toMs(Number(match[3]), match[2]!, match[1]!, match, 4);
  match = ASCTIME.exec(text);
  if (match !== null) return toMs(Number(match[6]), match[1]!, match[2]!, match, 3);
  match = RFC_850.exec(text);
  if (match === null) return null;
  return toMs(fullYear(Number(match[3]), new Date(nowMs).getUTCFullYear()), match[2]!, match[1]!, match, 4);
}

function fullYear(twoDigits: number, yearNow: number): number {
  const year = yearNow - (yearNow % 100) + twoDigits;
  return year > yearNow + YEARS_AHEAD_MAX ? year - 100 : year;
}

/** @param timeAt where hour, minute and second stand in `match`. */
function toMs(year: number, month: string, day: string, match: RegExpExecArray, timeAt: number): number | null {
  const [hour, minute, second] = [Number(match[timeAt]), Number(match[timeAt + 1]), Number(match[timeAt + 2])];
  if (hour > 23 || minute > 59 || second > 60) return null;
  const monthIndex = MONTHS.indexOf(month);
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, Number(day));
  if (date.getUTCMonth() !== monthIndex) return null; // The 31st of a shorter month.
  return date.setUTCHours(hour, minute, second);
}
