/**
 * Report 4, "CSI 5138 Homework Exercise 2" (Lioutas, 2018), question 2: the
 * models H₁ = {softmax(W x)} and H₂ = {softmax((A + B) C x)}, A and B K × K and
 * C K × m, are one family. Both directions are built and checked on random
 * parameters; both models are trained from one start; and the same with inner
 * dimensions r from 1 to K, A and B K × r, C r × m.
 *
 *   deno task model-families
 *   deno task model-families --shapes 5x8 --seed 1
 *
 * Expect equal losses to 1e-14 by different paths, for K > m too, and that the
 * families differ from r = min(K − 1, m) − 1 down; 4 seconds on one core.
 *
 * --json prints the losses of each model, and the claims.
 *
 * Where it deviates from the report: DEVIATIONS, below.
 */
import {
  flag,
  type FlagValues,
  integer,
  listFlag,
  number,
} from "../lib/cli/flags.ts";
import { createProgress } from "../lib/cli/progress.ts";
import { briefRunFlags, seedFlag } from "../lib/cli/run_flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { createRandom } from "../lib/base/random.ts";
import { matrixOf } from "../lib/matrices/matrix.ts";
import {
  checkFamilies,
  type FamilyCheck,
} from "../lib/reports/4_csi_5138/families/check_families.ts";
import {
  drawColumns,
  drawZeroFactors,
} from "../lib/reports/4_csi_5138/families/draw_problem.ts";
import {
  type Descent,
  DIRECT,
  FACTORED,
  type Family,
  trainFamily,
} from "../lib/reports/4_csi_5138/families/train_family.ts";
import {
  familiesClaims,
  familiesComparison,
  innerTable,
  lossOf,
  rankOf,
  shapeNumbers,
  type ShapeResult,
  stepsOf,
  TOLERANCES,
} from "../lib/reports/4_csi_5138/model_families_claims.ts";
import {
  lossFigure,
  pathFigure,
} from "../lib/reports/4_csi_5138/model_families_figures.ts";
import { runBriefTask } from "../lib/train/run_brief_task.ts";

const DEVIATIONS = [
  "The report argues and trains nothing. Trained here: full-batch gradient " +
  "descent on inputs from N(0, I) whose classes are drawn from softmax(W⋆ x), so " +
  "that no W is right for all and the loss is smallest at a finite W.",
  "The report's A and B are K × K. Inner dimensions below K, and K > m, are ours.",
  "Both models start at W = 0, A and C random and B = −A, so that every inner " +
  "dimension has the same start.",
];

const NOTES = [
  "P W is W less each column's mean. softmax(W x) and softmax(W′ x) are equal " +
  "for all x just where P W = P W′, since softmax sees differences of scores " +
  "only, and all of them. P W has rank min(K − 1, m) for almost all W, P (A + " +
  "B) C at most r: for r < min(K − 1, m) no A, B, C give such a W. From there " +
  "on some do: for r ≥ K, A = I, C = W; for r ≥ m, A = W, C = I; for r = K − 1, " +
  "A = I without its last column, C = W less its last row; B = 0. K > m changes " +
  "nothing of the report's own families: A = I is K × K for every m.",
  "The loss is convex in W. Where max |dW|, the largest entry of its gradient, " +
  "is 0, no W is better. Where r is too small, another start may end elsewhere, " +
  "but above W's loss too: the best P W is one, and its rank is larger than r.",
  "built from W: the largest difference of a probability between random W and " +
  "the A, B, C made of them, or the rank that P (A + B) C has of P W's. rank, " +
  "loss, max |dW|, steps: at the end of the descent.",
  `Equal: probabilities to ${TOLERANCES.probability}, losses to ${TOLERANCES.loss}.`,
];

const SHAPE = /^([1-9]\d?)x([1-9]\d?)$/;

const FLAGS = {
  shapes: listFlag({
    placeholder: "KxM",
    expected: "KxM for K classes and M inputs, both from 2 to 99",
    parse: (text: string) =>
      SHAPE.exec(text)?.slice(1).every((size) => Number(size) >= 2)
        ? text
        : undefined,
  }, {
    default: ["4x6", "6x3"],
    describe: "sizes; one problem is drawn for each",
  }),
  trials: flag(integer({ min: 1, max: 1e5 }), {
    default: 100,
    describe: "random hypotheses of each family, to be built in the other one",
  }),
  examples: flag(integer({ min: 1, max: 1e5 }), {
    default: 300,
    describe: "examples to train on; with too few of them no W is best",
  }),
  learningRate: flag(number({ greaterThan: 0 }), {
    default: 0.2,
    describe: "learning rate of gradient descent, for W and for A, B and C",
  }),
  gradient: flag(number({ greaterThan: 0, max: 1e-6 }), {
    default: 1e-8,
    describe: "a descent ends once no parameter has a larger gradient",
  }),
  maxSteps: flag(integer({ min: 1 }), {
    default: 100_000,
    describe: "steps within which a descent must end",
  }),
  seed: seedFlag("of hypotheses, examples and starts"),
  ...briefRunFlags("model-families"),
};

type Config = FlagValues<typeof FLAGS>;

function shapeOf(text: string): { classes: number; inputs: number } {
  const [, classes, inputs] = SHAPE.exec(text)!;
  return { classes: Number(classes), inputs: Number(inputs) };
}

const lossFile = (shape: string) => `loss-${shape}.svg`;
const pathFile = (shape: string) => `path-${shape}.svg`;

/** Gradient descent of W, and then of A, B and C for each inner dimension. */
function trainShape(
  shape: string,
  config: Config,
  done: () => void,
): ShapeResult {
  const { trials, examples: count, gradient, maxSteps } = config;
  const { classes, inputs } = shapeOf(shape);
  const random = createRandom(config.seed);
  const data = drawColumns({ classes, inputs, count }, random);
  const train = <P>(name: string, family: Family<P>, start: P) => {
    const options = { ...config, tolerance: gradient };
    const descent = trainFamily(family, start, data, options);
    done();
    if (descent.converged) return descent;
    throw new Error(
      `Cannot train ${name}: gradients must fall to ${gradient} in ${maxSteps} steps (more --examples or a smaller --learning-rate may help): got ${descent.gradient}`,
    );
  };
  const zeros = matrixOf(classes, inputs, () => 0);
  return {
    classes,
    inputs,
    direct: train(`softmax(W x), ${shape}`, DIRECT, zeros),
    factored: Array.from({ length: classes }, (_, i) => {
      const sizes = { classes, inputs, inner: i + 1 };
      const name = `softmax((A + B) C x), ${shape}, r = ${sizes.inner}`;
      return {
        inner: sizes.inner,
        check: checkFamilies(sizes, trials, random),
        descent: train(name, FACTORED, drawZeroFactors(sizes, random)),
      };
    }),
  };
}

function compute(config: Config): ShapeResult[] {
  const { shapes, quiet } = config;
  const descents = shapes.map((shape) => 1 + shapeOf(shape).classes);
  using progress = createProgress({
    total: descents.reduce((sum, count) => sum + count, 0),
    label: "descents",
    enabled: !quiet,
  });
  let done = 0;
  progress.update(done, {});
  return shapes.map((shape) =>
    trainShape(shape, config, () => progress.update(++done, {}))
  );
}

/** The rows of metrics.csv: one per model; W has no inner dimension. */
function rowsOf(results: readonly ShapeResult[]) {
  return results.flatMap(({ classes, inputs, direct, factored }) => {
    const rowOf = (
      inner: number | null,
      descent: Descent,
      check?: FamilyCheck,
    ) => ({
      classes,
      inputs,
      inner,
      steps: stepsOf(descent),
      loss: lossOf(descent),
      gradient: descent.gradient,
      rank: rankOf(descent),
      to_factored: check?.toFactored ?? null,
      to_direct: check?.toDirect ?? null,
    });
    return [
      rowOf(null, direct),
      ...factored.map(({ inner, descent, check }) =>
        rowOf(inner, descent, check)
      ),
    ];
  });
}

function report(results: readonly ShapeResult[], { shapes }: Config) {
  return {
    title: "Report 4, question 2: softmax(W x) and softmax((A + B) C x)",
    rows: familiesComparison(results),
    claims: familiesClaims(results),
    tables: results.map(innerTable),
    figures: results.flatMap((result, i) => [
      lossFigure(lossFile(shapes[i]!), result),
      pathFigure(pathFile(shapes[i]!), result),
    ]),
    deviations: DEVIATIONS,
    notes: NOTES,
    numbers: { shapes: results.map(shapeNumbers) },
  };
}

const main = () =>
  runBriefTask({
    name: "model-families",
    summary:
      "Shows that report 4's two softmax models are one family, and where that ends.",
    flags: FLAGS,
    subject: "softmax(W x) and softmax((A + B) C x)",
    figureFiles: ({ shapes }) =>
      shapes.flatMap((shape) => [lossFile(shape), pathFile(shape)]),
    compute,
    rowsOf,
    report,
  });

if (import.meta.main) await runMain(main);
