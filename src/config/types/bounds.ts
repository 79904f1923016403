/** Units the option tables are written in, so that a bound reads as `10 * MIB` or `HOUR_MS`. */
export const KIB: number = 2 ** 10;
export const MIB: number = 2 ** 20;
export const GIB: number = 2 ** 30;
export const TIB: number = 2 ** 40;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
