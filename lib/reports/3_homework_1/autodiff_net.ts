import { UsageError } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";
import type { DatasetShape } from "../../data/image_dataset.ts";
import { meanLoss } from "../../losses/mean_loss.ts";
import { l1Penalty, l2Penalty } from "../../losses/penalties.ts";
import { softmaxCrossEntropy } from "../../losses/softmax_cross_entropy.ts";
import { type Classifier, classifier } from "../../models/classifier.ts";
import {
  dense,
  dropoutLayer,
  flatten,
  type Layer,
} from "../../models/layers.ts";
import { Sgd } from "../../optimizers/sgd.ts";
import type { AutodiffNet } from "./octmnist_autodiff_results.ts";
import type { AutodiffTable } from "./reported.ts";
import { isWeight } from "./weight_sparsity.ts";

/** λ of L2 and L1, and p of dropout (table 7). */
const LAMBDA = 0.0001, DROPOUT = 0.2;

/** Which of the nets of section 2, and how it is trained. */
export interface AutodiffNetOptions {
  readonly model: "logistic regression" | "MLP";
  readonly regularization: "none" | "L2" | "dropout" | "L1";
  /** Hidden layers of an MLP, and the units of each. */
  readonly hiddenLayers: number;
  readonly hiddenSize: number;
  /** Of SGD. */
  readonly learningRate: number;
}

/**
 * A net of report 3's section 2, its loss, the mean cross entropy of the
 * softmax (equation 2), and plain SGD. Logistic regression has no hidden layer;
 * those of an MLP are ReLUs, in table 7 with dropout behind each. L1 and L2 are
 * of the weights, without biases, and are minimized but not reported.
 *
 * Dropout is inverted: in training a hidden unit's output h is 0 with
 * probability p and h / (1 − p) otherwise, at test it is h. The report keeps h
 * in training and takes (1 − p) h at test. In both the next layer gets at test
 * what it got in training on average: (1 − p) h / (1 − p) = h here, (1 − p) h
 * there; the factor between them is one that its weights can take up.
 *
 * @param dataset what the images are like
 * @param random draws the initial weights, in the order of the layers, and what
 *   dropout drops
 * @returns the net for float32 images `[batch, height, width, channels]`
 */
export function createAutodiffNet(
  { model, regularization, ...options }: AutodiffNetOptions,
  { height, width, channels, numClasses }: DatasetShape,
  random: Random,
): Classifier {
  const { hiddenLayers, hiddenSize, learningRate } = options;
  const pixels = height * width * channels;
  const hidden = Array<number>(model === "MLP" ? hiddenLayers : 0)
    .fill(hiddenSize);
  const sizes = [pixels, ...hidden, numClasses];
  const layers: Layer[] = [flatten()]; // [batch, pixels]
  for (let i = 1; i < sizes.length; i++) {
    const size = { inFeatures: sizes[i - 1]!, outFeatures: sizes[i]! };
    const isLast = i === sizes.length - 1;
    const activation = { kind: isLast ? "linear" : "relu" } as const;
    // [batch, outFeatures]
    layers.push(dense(`fc${i}`, { ...size, activation }, random));
    if (regularization === "dropout" && !isLast) {
      layers.push(dropoutLayer(DROPOUT, random));
    }
  }
  const weights = layers.flatMap(({ variables }) => variables)
    .filter(({ name }) => isWeight(name));
  const penalties = {
    none: undefined,
    dropout: undefined,
    L2: () => l2Penalty(weights, LAMBDA),
    L1: () => l1Penalty(weights, LAMBDA),
  };
  return classifier({
    layers,
    loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
    penalty: penalties[regularization],
    optimizer: new Sgd({ learningRate }),
  });
}

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
