import { maxOf, minOf } from "../../base/statistics.ts";
import { type Figure, scatterFigure } from "../../charts/figure.ts";
import type {
  Claim,
  ComparisonRow,
  ReportTable,
} from "../../reporting/report.ts";
import type {
  ErrorPair,
  GradientCheck,
  ReadingError,
} from "./dual_network/check_gradients.ts";
import type { Bracket, One } from "./dual_network/printed_gradients.ts";

/**
 * Relative errors up to which two gradients count as equal, in all examples of
 * a run. A printed formula that is wrong is off by 1 in some example.
 */
export const TOLERANCES = {
  /** Both float64: some hundred roundings of 2⁻⁵³. */
  exact: 1e-12,
  /**
   * Central differences: ε^⅔ = 4e-11, more where terms cancel; 6e-8 in the
   * worst of 3,000 examples.
   */
  differences: 1e-6,
  /**
   * TF.js: ten roundings of float32, 6e-8 each, more where terms cancel; 5e-5
   * in the worst of 3,000.
   */
  tfjs: 1e-3,
} as const;

/** The checks of a run: all of size 1, and all of larger ones. */
export interface BackpropChecks {
  readonly scalars: readonly GradientCheck[];
  readonly matrices: readonly GradientCheck[];
}

const PARAMETERS = ["A", "B"] as const;
type Parameter = typeof PARAMETERS[number];

const SIZES = [["scalars", "n = 1"], ["matrices", "n > 1"]] as const;

/** Two sources of gradients, by their field of a check. */
const PAIRS = [
  ["handTfjs", "by hand, TF.js"],
  ["handDifferences", "by hand, differences"],
  ["tfjsDifferences", "TF.js, differences"],
] as const;
type Pair = typeof PAIRS[number][0];

const text = (error: number) =>
  error === 0 ? "0" : error < 0.001 ? error.toExponential(1) : error.toFixed(3);

/** `0.003 to 1.9`; `n × 1` where the shape is another. */
function rangeText(errors: readonly (number | null)[]): string {
  const sizes = errors.filter((error) => error !== null);
  if (sizes.length < errors.length) return "n × 1";
  const [low, high] = [minOf(sizes), maxOf(sizes)].map(text);
  return low === high || maxOf(sizes) <= TOLERANCES.exact
    ? high!
    : `${low} to ${high}`;
}

const largest = (
  checks: readonly GradientCheck[],
  error: (check: GradientCheck) => number,
) => checks.reduce((most, check) => Math.max(most, error(check)), 0);

/**
 * The largest relative error of each pair of gradients.
 *
 * @param checks at least one
 * @returns two numbers a pair, for A and for B
 */
export function largestErrors(
  checks: readonly GradientCheck[],
): Record<Pair, ErrorPair> {
  const of = (pair: Pair) => ({
    A: largest(checks, (check) => check[pair].A),
    B: largest(checks, (check) => check[pair].B),
  });
  return {
    handTfjs: of("handTfjs"),
    handDifferences: of("handDifferences"),
    tfjsDifferences: of("tfjsDifferences"),
  };
}

/** A formula's errors in one reading, one per example. */
function errorsOf(
  checks: readonly GradientCheck[],
  parameter: Parameter,
  one: One,
  bracket: Bracket,
): (number | null)[] {
  return checks.map(({ readings }) =>
    readings.find((reading: ReadingError) =>
      reading.one === one && reading.bracket === bracket
    )![parameter]
  );
}

const isRight = (errors: readonly (number | null)[]) =>
  errors.every((error) => error !== null && error <= TOLERANCES.exact);

/**
 * The report's final formulas beside the gradients: the relative error that
 * they would have if they were right, and the one that they have.
 *
 * @param checks of a run
 * @returns a row per formula, for scalars in both readings of the bracket, for
 *   matrices in the reading that has a gradient's shape and most terms right
 */
export function backpropComparison(checks: BackpropChecks): ComparisonRow[] {
  const row = (quantity: string, errors: readonly (number | null)[]) => {
    const ours = rangeText(errors);
    return {
      quantity: `error of ${quantity}`,
      reported: "0",
      ours,
      difference: isRight(errors) ? "none" : ours.replace(/^.* to /, "+"),
    };
  };
  const { scalars, matrices } = checks;
  return [
    row("∂L/∂A, n = 1", errorsOf(scalars, "A", "number", "early")),
    row(
      "∂L/∂A, n = 1, bracket moved",
      errorsOf(scalars, "A", "number", "late"),
    ),
    row("∂L/∂B, n = 1", errorsOf(scalars, "B", "number", "late")),
    row("∂L/∂A, n > 1, x.1 = xᵀ", errorsOf(matrices, "A", "transpose", "late")),
    row("∂L/∂B, n > 1, x.1 = xᵀ", errorsOf(matrices, "B", "transpose", "late")),
  ];
}

/** The largest relative error of each pair of gradients. */
export function pairTable(checks: BackpropChecks): ReportTable {
  return {
    title: "Largest relative error of each pair of gradients",
    columns: ["gradient", "examples", ...PAIRS.map(([, name]) => name)],
    rows: SIZES.flatMap(([sizes, name]) => {
      const errors = largestErrors(checks[sizes]);
      return PARAMETERS.map((parameter) => [
        `∂L/∂${parameter}, ${name}`,
        String(checks[sizes].length),
        ...PAIRS.map(([pair]) => text(errors[pair][parameter])),
      ]);
    }),
  };
}

const READINGS: readonly (readonly [string, One, Bracket])[] = [
  ["x.1 = x", "number", "early"],
  ["x.1 = x, moved", "number", "late"],
  ["x.1 = x 1ᵀ", "ones", "early"],
  ["x.1 = x 1ᵀ, moved", "ones", "late"],
  ["x.1 = xᵀ", "transpose", "early"],
  ["x.1 = xᵀ, moved", "transpose", "late"],
];

/** Both formulas in every reading beside the dual network: relative errors. */
export function readingTable(checks: BackpropChecks): ReportTable {
  return {
    title:
      "The printed formulas, relative errors; moved: bracket up to the last )",
    columns: ["reading", "A, n = 1", "B, n = 1", "A, n > 1", "B, n > 1"],
    rows: READINGS.map(([name, one, bracket]) => [
      name,
      ...SIZES.flatMap(([sizes]) =>
        PARAMETERS.map((parameter) =>
          rangeText(errorsOf(checks[sizes], parameter, one, bracket))
        )
      ),
    ]),
  };
}

/**
 * What report 4 says in question 1, and whether it holds.
 *
 * @param checks of a run
 * @returns one claim for the steps, one for the dual networks, and one for each
 *   formula and kind of size
 */
export function backpropClaims(checks: BackpropChecks): Claim[] {
  const { scalars, matrices } = checks;
  const all = [...scalars, ...matrices];
  const verdict = (holds: boolean) => holds ? "held" : "did not hold";
  const transposition = largest(all, (check) => check.transposition);
  const errors = largestErrors(all);
  const tfjs = Math.max(errors.handTfjs.A, errors.handTfjs.B);
  const { handDifferences } = errors;
  const differences = Math.max(handDifferences.A, handDifferences.B);
  const formula = (
    claim: string,
    errors: readonly (number | null)[],
    why: string,
  ): Claim => ({
    claim,
    verdict: verdict(isRight(errors)),
    measured: `${errors.includes(null) ? "its shape is " : "off by "}${
      rangeText(errors)
    }${isRight(errors) ? "" : `${why}`}`,
  });
  const best = (parameter: Parameter) =>
    rangeText(errorsOf(matrices, parameter, "transpose", "late"));
  return [
    {
      claim:
        "The steps from ∂w/∂A to ∂y/∂A, each as a linear map of dA (and dB): the derivative network",
      verdict: verdict(transposition <= TOLERANCES.exact),
      measured: `its dL and its dual's gradients differ by ${
        text(transposition)
      } in ${all.length} random directions`,
    },
    {
      claim: "Its dual network, given 1, puts out ∂L/∂A and ∂L/∂B",
      verdict: verdict(
        tfjs <= TOLERANCES.tfjs && differences <= TOLERANCES.differences,
      ),
      measured: `off by ${text(tfjs)} from TF.js (float32), ${
        text(differences)
      } from central differences`,
    },
    formula(
      "∂L/∂A for scalars, as printed: its last ) closes nothing",
      errorsOf(scalars, "A", "number", "early"),
      ": 2 A.(u ⊙ v) stands without its factor 2w",
    ),
    formula(
      "∂L/∂A for scalars, with the bracket of the report's own steps",
      errorsOf(scalars, "A", "number", "late"),
      "",
    ),
    formula(
      "∂L/∂B for scalars",
      errorsOf(scalars, "B", "number", "late"),
      "",
    ),
    formula(
      "∂L/∂A for matrices",
      errorsOf(matrices, "A", "number", "late"),
      `; read as outer products (x.1 = xᵀ) off by ${
        best("A")
      }: two of three terms need Aᵀ and a sum over w`,
    ),
    formula(
      "∂L/∂B for matrices",
      errorsOf(matrices, "B", "number", "late"),
      `; read as outer products off by ${
        best("B")
      }: Aᵀ Aᵀ w ⊙ u, not w ⊙ A A u`,
    ),
  ];
}

/**
 * The relative errors of each example by its size.
 *
 * @param file the figure's file
 * @param checks of a run
 * @returns a scatter plot; an error of 0 has no place in it
 */
export function errorFigure(file: string, checks: BackpropChecks): Figure {
  const all = [...checks.scalars, ...checks.matrices];
  return scatterFigure(file, {
    title: "By hand beside TF.js and central differences, ∂L/∂A",
    xLabel: "n",
    yLabel: "log₁₀ of the relative error",
    series: PAIRS.slice(0, 2).map(([pair, name]) => ({
      name,
      points: all.map((check) =>
        [check.size, Math.log10(check[pair].A)] as const
      ),
    })),
  });
}
