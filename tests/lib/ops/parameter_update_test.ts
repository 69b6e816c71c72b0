import fc from "fast-check";
import * as tf from "@tensorflow/tfjs";
import { Adadelta } from "../../../lib/optimizers/adadelta.ts";
import { Adam } from "../../../lib/optimizers/adam.ts";
import { Sgd } from "../../../lib/optimizers/sgd.ts";
import { drawCases } from "../../draw_cases.ts";
import { testOp, UNIT } from "../../ops_suite.ts";
import { adadeltaStep } from "../../reference/adadelta.ts";
import { adamStart, adamStep } from "../../reference/adam.ts";
import { sgdStep } from "../../reference/sgd.ts";
import { seededNumbers, seededTensor } from "./fixtures/seeded_tensor.ts";

/** An optimizer, and its oracle for a parameter that starts with a value. */
interface Kind {
  create(): tf.Optimizer;
  oracle(
    value: Float64Array,
  ): (gradient: ArrayLike<number>) => void;
  /** How far a value may be off after some steps. */
  atol(steps: number, value: number): number;
}

const ADAM = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const ADADELTA = {
  learningRate: 1,
  rho: 0.9,
  epsilon: 1e-6,
  weightDecay: 0.01,
};

const MOMENTUM = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };

const PLAIN = { learningRate: 0.1, momentum: 0, weightDecay: 0 };

/** Some ten roundings per step, of values and steps around 1. */
const tenPerStep = (steps: number) => steps * 10 * UNIT;

const sgdKind = (options: typeof MOMENTUM): Kind => ({
  create: () => new Sgd(options),
  oracle: (value) => {
    const velocity = new Float64Array(value.length);
    return (gradient) => sgdStep({ value, velocity }, gradient, options);
  },
  atol: tenPerStep,
});

const KINDS: Record<string, Kind> = {
  Adam: {
    create: () => new Adam(ADAM),
    oracle: (value) => {
      const state = { ...adamStart(value), value };
      return (gradient) => adamStep(state, gradient, ADAM);
    },
    // A rounding of the value each step; and of the step's length, which is at
    // most a few learning rates, the roundings of its moments, of which v
    // carries each on to the end: some hundred at 50 steps.
    atol: (steps, value) =>
      steps * UNIT *
      (Math.abs(value) + 2 * ADAM.learningRate * (20 + 5 * steps)),
  },
  Adadelta: {
    create: () => new Adadelta(ADADELTA),
    oracle: (value) => {
      const v = new Float64Array(value.length);
      const u = new Float64Array(value.length);
      return (gradient) => adadeltaStep({ value, v, u }, gradient, ADADELTA);
    },
    atol: tenPerStep,
  },
  "Sgd with momentum": sgdKind(MOMENTUM),
  Sgd: sgdKind(PLAIN),
};

/** Parameters that one task updates, some steps on. */
interface Case {
  kind: string;
  shapes: number[][];
  steps: number;
  seed: number;
  /** Of the gradients; 1 by default. */
  scale?: number;
}

const gradientOf = (c: Case, step: number, i: number) =>
  seededTensor(
    c.shapes[i]!,
    c.seed + 100 * step + i,
    (value) => value * (c.scale ?? 1),
  );

function compute(c: Case): Record<string, tf.Tensor> {
  const optimizer = KINDS[c.kind]!.create();
  const variables = c.shapes.map((shape, i) =>
    tf.variable(seededTensor(shape, c.seed + i))
  );
  for (let step = 1; step <= c.steps; step++) {
    optimizer.applyGradients(
      variables.map(({ name }, i) => ({
        name,
        tensor: gradientOf(c, step, i),
      })),
    );
  }
  const values = variables.map((variable, i) => [`p${i}`, variable.clone()]);
  tf.dispose(variables);
  optimizer.dispose();
  return Object.fromEntries(values);
}

function expect(c: Case) {
  const { oracle, atol } = KINDS[c.kind]!;
  return Object.fromEntries(c.shapes.map((shape, i) => {
    const size = tf.util.sizeFromShape(shape);
    const values = Float64Array.from(seededNumbers(size, c.seed + i));
    const step = oracle(values);
    for (let t = 1; t <= c.steps; t++) step(gradientOf(c, t, i).dataSync());
    const bounds = values.map((value) => atol(c.steps, value));
    return [`p${i}`, { shape, values, atol: bounds }];
  }));
}

/** Around the vector's and the table entry's bounds. */
const SHAPES = [
  ...Array(10).keys(),
  16_383,
  16_384,
  16_385,
  50_000,
].map((size) => [size]);

const casesOf = (shapes: number[][], steps: number) =>
  Object.keys(KINDS).map((kind): Case => ({ kind, shapes, steps, seed: 0 }));

const anyCase = fc.record({
  kind: fc.constantFrom(...Object.keys(KINDS)),
  shapes: fc.array(fc.array(fc.nat(14), { maxLength: 2 }), {
    minLength: 1,
    maxLength: 9,
  }),
  steps: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(999),
});

testOp<Case>({
  name: "the update of all parameters",
  tolerance: "to the roundings of its steps",
  cases: {
    "every tail, around the entry of a table": casesOf(SHAPES, 3),
    "each size alone": SHAPES.flatMap((shape) => casesOf([shape], 1)),
    "all ranks": casesOf([[], [1], [2, 2], [7, 11], [3, 2, 4], [0]], 3),
    "fifty steps": casesOf([[5], [1_003]], 50),
    "gradients of the size of Adam's ε": casesOf([[19]], 3)
      .map((c) => ({ ...c, scale: ADAM.epsilon })),
    "random shapes": drawCases(anyCase, 100),
  },
  compute,
  expect,
  sameInBuilds: true,
  changesInputs: true,
  stopped: {
    action: "update parameters",
    call: () => new Adam().applyGradients({}),
  },
});
