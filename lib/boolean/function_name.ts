import type { IntervalFunction } from "./interval_function.ts";

/** A minus sign (U+2212) in the place of each hyphen. */
export function minus(text: string): string {
  return text.replaceAll("-", "−");
}

/** A function for the reader: `D = 2, [−1, 1]`. */
export function nameOf({ dimension, lower, upper }: IntervalFunction): string {
  return minus(`D = ${dimension}, [${lower}, ${upper}]`);
}
