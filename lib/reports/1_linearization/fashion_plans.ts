import { UsageError } from "../../base/errors.ts";
import { flagName } from "../../base/format.ts";
import { seedsOf } from "../../cli/run_flags.ts";
import type { FashionNetOptions } from "./fashion_net.ts";

/** A net of a run of report 1. */
export interface FashionPlan extends FashionNetOptions {
  /** The net's name, the same for all seeds. */
  readonly net: string;
  readonly epochs: number;
  readonly seed: number;
}

/** A net with a name of its own for each seed. */
export interface NamedFashionPlan extends FashionPlan {
  readonly name: string;
}

/** What a run was asked for. */
export interface FashionRun
  extends Omit<FashionNetOptions, "activation" | "lambda"> {
  readonly activation: readonly FashionNetOptions["activation"][];
  /** A ReLU_α net is trained for each. */
  readonly lambda: readonly number[];
  /** A further one for each, for `longEpochs`. */
  readonly longLambda: readonly number[];
  /** Two further ones for each: one clamped, one without the penalty. */
  readonly variantLambda: readonly number[];
  readonly epochs: number;
  readonly longEpochs: number;
  /** The first of so many seeds. */
  readonly seed: number;
  readonly seeds: number;
}

/**
 * All nets of a run: for each seed, those of the report in its order.
 *
 * @param run what the flags of the same names ask for
 * @param given those of them that the command line names
 * @returns their plans; names are unique
 * @throws {UsageError} for flags of nets that other flags leave out
 */
export function fashionPlans(
  run: FashionRun,
  given: Partial<FashionRun> = {},
): NamedFashionPlan[] {
  refuseIdleFlags(run, given);
  const { activation, lambda, longLambda, variantLambda, longEpochs } = run;
  const { architecture, penalty, clampAlpha, alphaInit } = run;
  const { learningRate, epochs } = run;
  // What all nets share; a net without ReLU_α has no λ.
  const plain = {
    architecture,
    penalty,
    clampAlpha,
    alphaInit,
    learningRate,
    epochs,
    lambda: null,
  };
  const reluAlpha = (
    suffix: string,
    lambda: number,
    rest: Partial<FashionPlan> = {},
  ) => ({
    ...plain,
    activation: "relu-alpha" as const,
    lambda,
    ...rest,
    net: `relu-alpha-${lambda}${suffix}`,
  });
  const nets = activation.flatMap((activation): Omit<FashionPlan, "seed">[] =>
    activation !== "relu-alpha"
      ? [{ ...plain, activation, net: activation }]
      : [
        ...lambda.map((lambda) => reluAlpha("", lambda)),
        ...longLambda.map((lambda) =>
          reluAlpha(`-${longEpochs}-epochs`, lambda, { epochs: longEpochs })
        ),
        ...variantLambda.flatMap((lambda) => [
          reluAlpha("-clamped", lambda, { clampAlpha: true }),
          reluAlpha("-no-penalty", lambda, { penalty: "none" }),
        ]),
      ]
  );
  return seedsOf(run).flatMap((seed, index) =>
    nets.map((plan) => ({
      ...plan,
      seed,
      name: index === 0 ? plan.net : `${plan.net}-seed-${seed}`,
    }))
  );
}

/** What a net without ReLU_α has no use for. */
const OF_RELU_ALPHA = [
  "lambda",
  "longLambda",
  "variantLambda",
  "alphaInit",
  "clampAlpha",
  "penalty",
] as const;

/** Refuses flags of nets that the other flags leave out. */
function refuseIdleFlags(run: FashionRun, given: Partial<FashionRun>) {
  const { activation, longLambda, variantLambda, clampAlpha, penalty } = run;
  const idle = activation.includes("relu-alpha")
    ? undefined
    : OF_RELU_ALPHA.find((field) => field in given);
  if (idle !== undefined) {
    throw new UsageError(
      `Cannot parse --${
        flagName(idle)
      }: expected relu-alpha in --activation: got ${activation}`,
    );
  }
  if ("longEpochs" in given && longLambda.length === 0) {
    throw new UsageError(
      `Cannot parse --long-epochs: expected --long-lambda with it: got ${given.longEpochs}`,
    );
  }
  if (variantLambda.length > 0 && (clampAlpha || penalty !== "l1")) {
    throw new UsageError(
      "Cannot parse --variant-lambda: expected it beside the loss as written: got a variant",
    );
  }
}
