import { minusSigns } from "../../../base/format.ts";
import type { IntervalFunction } from "./interval_function.ts";

/** A function for the reader: `D = 2, [−1, 1]`. */
export function nameOf({ dimension, lower, upper }: IntervalFunction): string {
  return minusSigns(`D = ${dimension}, [${lower}, ${upper}]`);
}
