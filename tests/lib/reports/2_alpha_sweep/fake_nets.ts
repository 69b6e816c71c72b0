import {
  type AlphaNet,
  alphaNet,
} from "../../../../lib/reports/2_alpha_sweep/alpha_net.ts";
import { reportedZeros } from "../../../../lib/reports/2_alpha_sweep/alpha_sweep_claims.ts";
import { readCsvLog } from "../../../../lib/run/csv_log.ts";

/** A net that went straight from 0.5 to its final α in `points` steps. */
export function net(
  subset: number,
  lambda: number,
  run: number,
  final: readonly number[],
  points = 20,
): AlphaNet {
  const trajectory = Array.from(
    { length: points + 1 },
    (_, i) => final.map((alpha) => 0.5 + (alpha - 0.5) * i / points),
  ).flat();
  return alphaNet({ subset, lambda, run, alphaInit: [0.5, 0.5, 0.5] }, {
    trajectory: Float32Array.from(trajectory),
    testAccuracy: 0.7 + 0.1 * subset,
    parameters: {},
  });
}

export const NETS = [
  // λ 0: 1 of 6 in subset 0, 2 of 6 in subset 1.
  net(0, 0, 0, [1, 0.4, 0.05]),
  net(0, 0, 1, [0.96, 0.5, 0.3]),
  net(1, 0, 0, [0.9, 0, 0.2]),
  net(1, 0, 1, [0.9, 0.01, 0.9]),
  // λ 0.05: all, and 5 of 6.
  net(0, 0.05, 0, [0, 0, 0]),
  net(0, 0.05, 1, [0, 0.05, 0]),
  net(1, 0.05, 0, [0, 0, 0]),
  net(1, 0.05, 1, [0, 0, 0.06]),
];

export const REPORTED = reportedZeros(
  readCsvLog(
    new URL("../../../../data/reported/alpha_to_zero.csv", import.meta.url)
      .pathname,
  ),
);
