/**
 * Report 3, "Deep Learning, Homework 1" (Faria, Silva, 2023), question 3:
 * f(x) = +1 where A ≤ Σ xᵢ ≤ B, x ∈ {−1, +1}^D, by a net of two hidden units
 * with sign and with ReLU activations, whose weights equations 9 to 20 give.
 * All 2^D inputs pass the nets, the largest harmless perturbation is found, and
 * a single perceptron is trained that cannot learn f; figures 11 to 13.
 *
 *   deno task boolean-mlp
 *   deno task boolean-mlp --dimension 5 --lower -1 --upper 3
 *   deno task boolean-mlp --all --dimension 12
 *
 * Expect no wrong output, margins of 1/√D, and that each input may change by
 * less than 1/D. With --all --dimension 12, 1,546 functions within ±D, 792 with
 * a bound beyond, and five statements of the report that do not hold as they
 * stand, each with a counterexample; 2 seconds on one core.
 *
 * --json prints `dimension, lower, upper` and for `sign` and `relu` `wrong` and
 * `margin`; without --lower and --upper these are in the list `functions`.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import { booleanClaims } from "../lib/reports/3_homework_1/boolean/boolean_claims.ts";
import {
  allNumbers,
  allTable,
  booleanComparison,
  functionNumbers,
  functionTable,
} from "../lib/reports/3_homework_1/boolean/boolean_tables.ts";
import {
  checkAll,
  checkFunction,
  countPasses,
  type FunctionCheck,
  NETS_PER_FUNCTION,
  PERCEPTRON_DIMENSION,
} from "../lib/reports/3_homework_1/boolean/check_function.ts";
import {
  functionName,
  intervalFunction,
} from "../lib/reports/3_homework_1/boolean/interval_function.ts";
import {
  booleanFigureFiles,
  booleanFigures,
} from "../lib/reports/3_homework_1/boolean/plane_figure.ts";
import { UsageError } from "../lib/base/errors.ts";
import {
  booleanFlag,
  type Flag,
  flag,
  type FlagValues,
  integer,
} from "../lib/cli/flags.ts";
import type { Output } from "../lib/cli/output.ts";
import { createProgress } from "../lib/cli/progress.ts";
import { briefRunFlags, MAX_SEED } from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { runBriefTask } from "../lib/train/run_brief_task.ts";

const DEVIATIONS = [
  "The report writes the output units as conditions, h₁ + h₂ = 2 and h₁ + h₂ = " +
  "0. Here they are units too: sign(h₁ + h₂ − 2) and sign(−h₁ − h₂), with " +
  "sign(0) = +1 as in equation 6.",
  "The report does not say how its perceptron was trained. Here: from zeros, one " +
  "input at a time in an order that the seed draws once; after a mistake, the " +
  "input times its class is added.",
  "The report gives no perturbation. Here: the ε for which |δᵢ| ≤ ε for all i " +
  "changes the output of no input, real inputs allowed.",
];

/** Above, --all takes minutes. */
const MAX_ALL_DIMENSION = 16;

/** With --all, dimensions from here on take a second, and have a line each. */
const SLOW_DIMENSION = 12;

const bound = (describe: string): Flag<number | null> => ({
  default: null,
  kind: integer({ min: -1e6, max: 1e6 }),
  describe,
});

const FLAGS = {
  dimension: flag(integer({ min: 1, max: 24 }), {
    default: 2,
    unit: "inputs",
    describe:
      "number D of inputs (figures 11 to 13); with --all, the largest D",
  }),
  lower: bound(
    "lower end A of the interval; without --lower and --upper, [−1, 1] and [0, 0] (§3.1.1, §3.1.3)",
  ),
  upper: bound("upper end B of the interval, at least A"),
  all: booleanFlag({
    describe: "check every A ≤ B, for each D from 1 to --dimension",
  }),
  seed: flag(integer({ min: 0, max: MAX_SEED }), {
    // Of seeds 0, 4 and 5 figure 12's weights end each epoch at 0: no line.
    default: 1,
    describe: "seed of the order of the perceptron's inputs",
  }),
  ...briefRunFlags("boolean-mlp"),
};

/** What decides a run's results, and where it goes. */
type Config = FlagValues<typeof FLAGS>;

/** Refuses flags that exclude each other. */
function check({ dimension, lower, upper, all }: Config) {
  const refuse = (flag: string, expected: string, got: number) => {
    throw new UsageError(
      `Cannot parse --${flag}: expected ${expected}: got ${got}`,
    );
  };
  if (all && lower !== null) refuse("lower", "it without --all", lower);
  if (all && upper !== null) refuse("upper", "it without --all", upper);
  if (all && dimension > MAX_ALL_DIMENSION) {
    refuse("dimension", `at most ${MAX_ALL_DIMENSION} with --all`, dimension);
  }
  if (lower !== null && upper === null) {
    refuse("lower", "--upper with it", lower);
  }
  if (upper !== null && lower === null) {
    refuse("upper", "--lower with it", upper);
  }
  if (upper !== null && lower! > upper) {
    refuse("lower", `at most --upper ${upper}`, lower!);
  }
}

/** A and B of each function, where they are not all. */
function intervalsOf({ lower, upper }: Config): [number, number][] {
  return lower === null ? [[-1, 1], [0, 0]] : [[lower, upper!]];
}

/** Checks the functions that are asked for, with a perceptron for each. */
function checkFew(config: Config, output: Output): FunctionCheck[] {
  const { dimension, seed, quiet } = config;
  const intervals = intervalsOf(config);
  const inputs = (2 ** dimension).toLocaleString("en");
  using progress = createProgress({
    total: intervals.length,
    label: "perceptrons",
    enabled: !quiet,
  });
  return intervals.map(([lower, upper], i) => {
    const f = intervalFunction(dimension, lower, upper);
    progress.stop();
    output.log(
      `${functionName(f)}: ${NETS_PER_FUNCTION} nets, ${inputs} inputs`,
    );
    return checkFunction(f, seed, (part) => progress.update(i + part, {}));
  });
}

/** Checks all functions of 1 to D inputs. */
function checkEach(config: Config, output: Output): FunctionCheck[] {
  const { dimension, seed, quiet } = config;
  using progress = createProgress({
    total: 1,
    label: "functions",
    enabled: !quiet,
  });
  const checks = checkAll(dimension, seed, (part) => progress.update(part, {}));
  return [...checks.map((ofDimension) => {
    const D = ofDimension[0]!.f.dimension;
    if (D < SLOW_DIMENSION) return ofDimension;
    progress.stop();
    output.log(`${ofDimension.length} functions of ${D} inputs are checked`);
    return ofDimension;
  })].flat();
}

/** Checks the nets of lib/reports/3_homework_1/boolean/interval_net.ts. */
function compute(config: Config, output: Output): FunctionCheck[] {
  const checks = (config.all ? checkEach : checkFew)(config, output);
  const passes = countPasses(checks).toLocaleString("en");
  output.log(`${passes} passes of inputs through nets; perceptrons trained`);
  return checks;
}

/** The rows of metrics.csv: one per function and net. */
function rowsOf(checks: readonly FunctionCheck[]) {
  return checks.flatMap(({ f, plain, sign, relu }) =>
    Object.entries({ plain, sign, relu }).map(([name, net]) => ({
      dimension: f.dimension,
      lower: f.lower,
      upper: f.upper,
      net: name,
      inputs: 2 ** f.dimension,
      wrong: net.wrong,
      margin: net.margin,
      perturbation: net.perturbation,
      attained: String(net.attained),
    }))
  );
}

/** Only a function of two inputs has a plane. */
const isPlotted = ({ all, dimension }: Config) => !all && dimension === 2;

function report(checks: readonly FunctionCheck[], config: Config) {
  const { all } = config;
  const functions = all ? [] : checks.map(functionNumbers);
  return {
    title: "Report 3, question 3: a net that computes a Boolean function",
    rows: booleanComparison(checks),
    tables: [all ? allTable(checks) : functionTable(checks)],
    claims: booleanClaims(checks),
    figures: isPlotted(config) ? booleanFigures(checks) : [],
    deviations: DEVIATIONS,
    notes: [
      "M = 1/√D, equation 12. The harmless ε: as long as |δᵢ| is below it for " +
      "all i (where ≤ stands before it, at most it), x + δ has x's output. " +
      "Measured as ‖δ‖₂, it is the margin.",
      all
        ? `Perceptrons up to D = ${PERCEPTRON_DIMENSION}, one for all functions whose intervals hold the same sums.`
        : "A perceptron cycles where an epoch ends with the weights of an earlier one: it never converges.",
    ],
    numbers: {
      passes: countPasses(checks),
      ...all
        ? allNumbers(checks)
        : functions.length === 1
        ? functions[0]
        : { functions },
    },
  };
}

const main = () =>
  runBriefTask({
    name: "boolean-mlp",
    summary:
      "Builds report 3's nets for Boolean functions and checks all inputs.",
    flags: FLAGS,
    subject: "a net of two hidden units for a Boolean function",
    check,
    figureFiles: (config) =>
      isPlotted(config) ? booleanFigureFiles(intervalsOf(config).length) : [],
    compute,
    rowsOf,
    report,
  });

if (import.meta.main) await runMain(main);
