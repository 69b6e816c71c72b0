/**
 * Report 4, "CSI 5138 Homework Exercise 2" (Lioutas, 2018), question 1:
 * back-propagation through u = σ(A x), v = B x, z = A (u ⊙ v), w = A z,
 * L = ‖w‖². The gradients for A and B by the report's dual network, written by
 * hand, by TF.js and by central differences, on random examples; and the two
 * formulas that the report ends with, evaluated as printed.
 *
 *   deno task backprop-check
 *   deno task backprop-check --examples 1000 --max-size 8
 *
 * Expect 1e-6 or so between float32 and float64, 1e-9 for central differences,
 * and that the printed formulas hold for scalars, ∂L/∂A after its brackets are
 * put right, and for no larger matrices; 2 seconds on one core.
 *
 * --json prints the largest errors and the claims.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import * as tf from "@tensorflow/tfjs";
import { flag, type FlagValues, integer } from "../lib/cli/flags.ts";
import { createProgress } from "../lib/cli/progress.ts";
import { briefRunFlags, seedFlag } from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { createRandom } from "../lib/base/random.ts";
import {
  checkGradients,
  drawExample,
  type Example,
  type GradientCheck,
} from "../lib/reports/4_csi_5138/dual_network/check_gradients.ts";
import type { SquareParameters } from "../lib/reports/4_csi_5138/dual_network/dual_network.ts";
import type { Matrix } from "../lib/matrices/matrix.ts";
import {
  backpropClaims,
  backpropComparison,
  errorFigure,
  largestErrors,
  pairTable,
  readingTable,
  TOLERANCES,
} from "../lib/reports/4_csi_5138/backprop_check_claims.ts";
import { startRun } from "../lib/run/start_run.ts";
import { runBriefTask } from "../lib/train/run_brief_task.ts";

const DEVIATIONS = [
  "The report answers a question that it does not print. The network is the one " +
  "that its steps are of: ∂L/∂w = 2w, w = A z, z = A (u ⊙ v), u = σ(A x), v = B x.",
  "The report gives no sizes and no numbers. z stands where x does, so A and B " +
  "are square, n × n; the formulas are evaluated on random examples, n = 1 and " +
  "larger n apart.",
  "The printed ∂L/∂A has one closing bracket too many. Both ways to mend it are " +
  "evaluated: without the last one, and without the one behind x.1, as the " +
  "report's own steps have it.",
  "The report does not say what the 1 of x.1 is for a matrix. Three readings are " +
  "evaluated: the number 1, a row of n ones, and a sign for the transpose.",
];

const NOTES = [
  "A relative error is the largest difference of two entries by the largest " +
  `entry. Gradients count as equal up to ${TOLERANCES.exact} where both are ` +
  `float64, ${TOLERANCES.differences} beside central differences with a step ` +
  `of ∛2⁻⁵² = 6e-6, and ${TOLERANCES.tfjs} beside TF.js in float32.`,
  "For all sizes: ∂L/∂A = 2w zᵀ + 2Aᵀw (u ⊙ v)ᵀ + 2[σ′(Ax) ⊙ v ⊙ AᵀAᵀw] xᵀ " +
  "and ∂L/∂B = 2[u ⊙ AᵀAᵀw] xᵀ; the dual network computes these.",
  "In the report's A.(σ(A.x) ⊙ B.x).1, which it has twice, one stands for dA ↦ " +
  "A dA (u ⊙ v), the other for dA ↦ dA A (u ⊙ v): for matrices these differ.",
];

const FLAGS = {
  examples: flag(integer({ min: 1, max: 1e5 }), {
    default: 100,
    describe: "random examples with n = 1, and as many with n > 1",
  }),
  maxSize: flag(integer({ min: 2, max: 64 }), {
    default: 16,
    describe: "largest n; all sizes from 2 to it are equally likely",
  }),
  seed: seedFlag("of sizes, A, B and x"),
  ...briefRunFlags("backprop-check"),
};

type Config = FlagValues<typeof FLAGS>;

/** The network and its loss in TF.js; x, `[n, 1]`, A and B, `[n, n]`. */
function lossOf(A: tf.Tensor2D, B: tf.Tensor2D, x: tf.Tensor2D): tf.Scalar {
  const u = tf.sigmoid(tf.matMul(A, x));
  const v = tf.matMul(B, x);
  const z = tf.matMul(A, tf.mul<tf.Tensor2D>(u, v));
  const w = tf.matMul(A, z);
  return tf.sum(tf.square(w));
}

/** Automatic gradients of that loss, in float32. */
function tfjsGradients({ A, B, x }: Example): SquareParameters {
  const tensor = ({ values, rows, columns }: Matrix) =>
    tf.tensor2d(Float32Array.from(values), [rows, columns]);
  const gradients = tf.tidy(() => {
    const input = tensor(x);
    return tf.grads((A, B) =>
      lossOf(A as tf.Tensor2D, B as tf.Tensor2D, input)
    )([tensor(A), tensor(B)]);
  });
  const [dA, dB] = gradients.map((gradient) => ({
    ...A, // the shape
    values: Float64Array.from(gradient.dataSync()),
  }));
  tf.dispose(gradients);
  return { A: dA!, B: dB! };
}

/** A row of metrics.csv by its columns' names. */
function rowOf(check: GradientCheck): Record<string, number | null> {
  const { size, handTfjs, handDifferences, tfjsDifferences } = check;
  const pairs = {
    hand_tfjs: handTfjs,
    hand_differences: handDifferences,
    tfjs_differences: tfjsDifferences,
    ...Object.fromEntries(
      check.readings.map(({ one, bracket, A, B }) => [
        `printed_${one}_${bracket}`,
        { A, B },
      ]),
    ),
  };
  return {
    size,
    transposition: check.transposition,
    ...Object.fromEntries(
      Object.entries(pairs).flatMap(([name, { A, B }]) => [
        [`${name}_a`, A],
        [`${name}_b`, B],
      ]),
    ),
  };
}

const FIGURE = "errors.svg";

/** Random examples, those with n = 1 apart. */
interface Checks {
  readonly scalars: readonly GradientCheck[];
  readonly matrices: readonly GradientCheck[];
}

function compute({ examples, maxSize, seed, quiet }: Config): Checks {
  using progress = createProgress({
    total: 2 * examples,
    label: "examples",
    enabled: !quiet,
  });
  const random = createRandom(seed);
  let done = 0;
  const check = (size: number) => {
    progress.update(done++, {});
    return checkGradients(drawExample(size, random), tfjsGradients, random);
  };
  const each = <T>(make: () => T) => Array.from({ length: examples }, make);
  return {
    scalars: each(() => check(1)),
    matrices: each(() => check(2 + random.uniformInt(maxSize - 1))),
  };
}

function report(checks: Checks) {
  return {
    title: "Report 4, question 1: a backward pass by hand, and as printed",
    rows: backpropComparison(checks),
    claims: backpropClaims(checks),
    tables: [pairTable(checks), readingTable(checks)],
    figures: [errorFigure(FIGURE, checks)],
    deviations: DEVIATIONS,
    notes: NOTES,
    numbers: {
      largestErrors: {
        scalars: largestErrors(checks.scalars),
        matrices: largestErrors(checks.matrices),
      },
    },
  };
}

const main = () =>
  runBriefTask({
    name: "backprop-check",
    summary:
      "Checks report 4's backward pass against TF.js and central differences.",
    flags: FLAGS,
    subject: "L = ‖A A (σ(A x) ⊙ B x)‖², gradients for A and B",
    figureFiles: () => [FIGURE],
    start: ({ flags, ...plan }) =>
      startRun({
        ...plan,
        asked: plan.config,
        flags: { ...flags, threads: 1, resume: null },
      }),
    compute,
    rowsOf: ({ scalars, matrices }) => [...scalars, ...matrices].map(rowOf),
    report,
  });

if (import.meta.main) await runMain(main);
