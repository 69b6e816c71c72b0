import { formatSigned, minusSigns } from "../../../base/format.ts";
import { maxOf, minOf } from "../../../base/statistics.ts";
import type { ComparisonRow, ReportTable } from "../../../reporting/report.ts";
import { type FunctionCheck, isWithin } from "./check_function.ts";
import type { NetCheck } from "./check_net.ts";
import { functionName } from "./interval_function.ts";

const count = (value: number) => value.toLocaleString("en");

const NETS = [
  ["sign", ({ sign }: FunctionCheck) => sign],
  ["ReLU", ({ relu }: FunctionCheck) => relu],
] as const;

/**
 * What report 3 says of its nets beside what ours did: one row per net and
 * quantity for few functions, the worst of all functions within ±D for many.
 * The report's margin is that of bounds within ±D.
 *
 * @param checks the functions of a run
 * @returns the rows
 */
export function booleanComparison(
  checks: readonly FunctionCheck[],
): ComparisonRow[] {
  const groups = checks.length <= 2 ? checks.map((check) => [check]) : [checks];
  return groups.flatMap((group) => {
    const [{ f }] = group as [FunctionCheck];
    const subject = group.length === 1 ? functionName(f) : "all";
    const within = group.filter(({ f }) => isWithin(f) || group.length === 1);
    const inputs = group.reduce((sum, { f }) => sum + 2 ** f.dimension, 0);
    /** In units of M, so that dimensions can be compared. */
    const margins = (net: (check: FunctionCheck) => NetCheck) =>
      within.map((check) => net(check).margin * Math.sqrt(check.f.dimension));
    const marginRow = (
      name: string,
      net: (check: FunctionCheck) => NetCheck,
      isPlain = false,
    ): ComparisonRow => {
      const [low, high] = [
        minOf(margins(net)),
        maxOf(margins(net)),
      ];
      const quantity = `${subject}: margin, ${name}`;
      if (group.length > 1) {
        const range = [...new Set([low.toFixed(2), high.toFixed(2)])];
        return {
          quantity,
          reported: "M",
          ours: `${range.join(" to ")} M`,
          difference: `${formatSigned(low - 1, 2)} M`,
        };
      }
      const M = 1 / Math.sqrt(f.dimension);
      const reported = isPlain && f.lower === f.upper ? 0 : M;
      return {
        quantity,
        reported: isWithin(f) ? reported.toFixed(2) : "",
        ours: (low * M).toFixed(4),
        difference: isWithin(f) ? formatSigned(low * M - reported, 2) : "",
      };
    };
    return [
      ...NETS.flatMap(([name, net]) => {
        const wrong = group.reduce((sum, check) => sum + net(check).wrong, 0);
        return [{
          quantity: `${subject}: wrong outputs, ${name}`,
          reported: "0",
          ours: `${count(wrong)} of ${count(inputs)}`,
          difference: formatSigned(wrong, 0),
        }, marginRow(name, net)];
      }),
      marginRow("equations 9, 10", ({ plain }) => plain, true),
    ];
  });
}

/**
 * The harmless ε in units of 1/‖w‖₁ = 1/D: `< 1/2`, `≤ 3/4`.
 *
 * @param check of a net with weights ±1
 * @param dimension the number of its inputs
 * @returns the text
 */
export function perturbationText(
  { perturbation, attained }: NetCheck,
  dimension: number,
): string {
  const steps = Math.round(perturbation * dimension);
  const size = steps % dimension === 0
    ? steps / dimension
    : `${steps}/${dimension}`;
  return `${attained ? "≤" : "<"} ${size}`;
}

/** The nets and the perceptron of each function. */
export function functionTable(
  checks: readonly FunctionCheck[],
): ReportTable {
  return {
    title: "Each function",
    columns: ["function", "by", "wrong", "margin", "harmless ε"],
    rows: checks.flatMap(({ f, plain, sign, relu, perceptron }) => {
      const name = functionName(f);
      const inputs = count(2 ** f.dimension);
      const row = (by: string, net: NetCheck) => [
        name,
        by,
        `${count(net.wrong)} of ${inputs}`,
        net.margin.toFixed(4),
        perturbationText(net, f.dimension),
      ];
      const { wrong, end, epochs, period } = perceptron!;
      const course = {
        converged: `converged, epoch ${epochs}`,
        cycles: `cycles, epoch ${epochs} ends as ${epochs - period}`,
        stopped: `stopped after epoch ${epochs}`,
      }[end];
      return [
        row("net, equations 9 to 11", plain),
        row("net with sign", sign),
        row("net with ReLU", relu),
        [
          name,
          `perceptron: ${course}`,
          `${count(wrong)} of ${inputs}`,
          "—",
          "—",
        ],
      ];
    }),
  };
}

/** The functions of `--all`, one row per dimension. */
export function allTable(checks: readonly FunctionCheck[]): ReportTable {
  const dimensions = Map.groupBy(checks, ({ f }) => f.dimension);
  return {
    title: "All functions, and those with a bound up to 2 beyond ±D",
    // deno-fmt-ignore
    columns: [
      "D", "functions", "beyond", "wrong, sign", "wrong, ReLU", "margin",
      "harmless ε", "perceptrons right",
    ],
    rows: [...dimensions].map(([dimension, group]) => {
      const within = group.filter(({ f }) => isWithin(f));
      const [least] = within.toSorted((a, b) =>
        a.sign.perturbation - b.sign.perturbation ||
        Number(a.sign.attained) - Number(b.sign.attained)
      );
      const margins = within.map(({ sign }) => sign.margin);
      const low = minOf(margins).toFixed(4);
      const high = maxOf(margins).toFixed(4);
      const wrong = (net: (check: FunctionCheck) => NetCheck) =>
        count(group.reduce((sum, check) => sum + net(check).wrong, 0));
      const trained = [...new Set(group.map(({ perceptron }) => perceptron))]
        .filter((one) => one !== null);
      const right = trained.filter(({ end }) => end === "converged").length;
      return [
        ...[dimension, within.length, group.length - within.length].map(count),
        wrong(({ sign }) => sign),
        wrong(({ relu }) => relu),
        low === high ? low : minusSigns(`${low} to ${high}`),
        perturbationText(least!.sign, dimension),
        trained.length === 0 ? "—" : `${right} of ${trained.length}`,
      ];
    }),
  };
}

/** The numbers of a net's check that `--json` prints. */
const netNumbers = (
  { wrong, margin, perturbation, euclideanPerturbation, attained }: NetCheck,
) => ({ wrong, margin, perturbation, euclideanPerturbation, attained });

/** Those of one function, whose perceptron has been trained. */
export function functionNumbers({ f, sign, relu, perceptron }: FunctionCheck) {
  const { end, epochs, wrong } = perceptron!;
  return {
    ...f,
    sign: netNumbers(sign),
    relu: netNumbers(relu),
    perceptron: { end, epochs, wrong },
  };
}

/** Those of all functions: sums, and the smallest values within ±D. */
export function allNumbers(checks: readonly FunctionCheck[]) {
  const within = checks.filter(({ f }) => isWithin(f));
  const summary = (net: (check: FunctionCheck) => NetCheck) => ({
    wrong: checks.reduce((sum, check) => sum + net(check).wrong, 0),
    margin: minOf(within.map((check) => net(check).margin)),
    perturbation: minOf(within.map((check) => net(check).perturbation)),
  });
  return {
    dimension: maxOf(checks.map(({ f }) => f.dimension)),
    functions: within.length,
    functionsBeyond: checks.length - within.length,
    sign: summary(({ sign }) => sign),
    relu: summary(({ relu }) => relu),
  };
}
