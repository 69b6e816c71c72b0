import { UsageError } from "../../base/errors.ts";
import type { AutodiffNetOptions } from "./autodiff_net.ts";
import type { AutodiffNet } from "./octmnist_autodiff_results.ts";
import type { AutodiffTable } from "./reported.ts";

/** A net of a run of section 2. */
export interface AutodiffPlan
  extends
    AutodiffNet,
    Pick<AutodiffNetOptions, "model" | "regularization" | "learningRate"> {
  readonly batchSize: number;
  readonly epochs: number;
}

/** What a run was asked for. */
export interface AutodiffRun {
  /** The tables whose nets are trained. */
  readonly table: readonly AutodiffTable[];
  /** Passes for tables 4 to 6, and for table 7. */
  readonly epochs: number;
  readonly longEpochs: number;
  /** Images per step for tables 4 and 6. */
  readonly batchSize: number;
  /** For tables 5 and 7. */
  readonly learningRate: number;
}

/**
 * The nets of section 2's tables, each once: one that two tables show stands in
 * both.
 *
 * @param run what the flags of the same names ask for
 * @param train what the nets learn from
 * @returns their plans; names are unique
 * @throws {UsageError} where a net's batch has more images than there are
 */
export function autodiffPlans(
  run: AutodiffRun,
  train: { readonly count: number },
): AutodiffPlan[] {
  const { epochs, longEpochs, batchSize, learningRate } = run;
  const plain = { epochs, regularization: "none" } as const;
  const logistic = (learningRate: number) => ({
    ...plain,
    name: `logistic-lr${learningRate}`,
    batchSize,
    model: "logistic regression" as const,
    learningRate,
  });
  const mlp = (batchSize: number, learningRate: number) => ({
    ...plain,
    name: `mlp-b${batchSize}-lr${learningRate}`,
    batchSize,
    model: "MLP" as const,
    learningRate,
  });
  const regularized = (regularization: AutodiffPlan["regularization"]) => ({
    ...mlp(256, learningRate),
    epochs: longEpochs,
    regularization,
    name: `mlp-${regularization.toLowerCase()}`,
  });
  const rows = {
    4: [0.1, 0.01, 0.001].map((rate) => [rate, logistic(rate)] as const),
    5: [16, 1024].map((size) => [size, mlp(size, learningRate)] as const),
    6: [1, 0.1, 0.01, 0.001].map((rate) =>
      [rate, mlp(batchSize, rate)] as const
    ),
    7: (["none", "L2", "dropout", "L1"] as const).map((method) =>
      [method, regularized(method)] as const
    ),
  };
  const placed = run.table.flatMap((table) =>
    rows[table].map(([setting, net]) => ({
      ...net,
      places: [{ table, setting: String(setting) }],
    }))
  );
  const large = placed.find(({ batchSize }) => batchSize > train.count);
  if (large) {
    throw new UsageError(
      `Cannot parse --train-size: expected at least ${large.batchSize}, the batch of ${large.name}: got ${train.count}`,
    );
  }
  return [...Map.groupBy(placed, ({ name }) => name).values()].map((same) => ({
    ...same[0]!,
    places: same.flatMap(({ places }) => places),
  }));
}
