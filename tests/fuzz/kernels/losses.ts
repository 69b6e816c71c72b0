import * as tf from "@tensorflow/tfjs";
import { multiclassHinge } from "../../reference/multiclass_hinge.ts";
import { softmaxCrossEntropy } from "../../reference/softmax_cross_entropy.ts";
import type { Call, KernelCases, Tensors } from "../call.ts";
import type { Draw } from "../draw.ts";
import { floats, ROUNDED } from "../oracle_values.ts";

/** Logits, labels that may not be classes, and what else a loss takes. */
function losses(d: Draw, attrs: Record<string, unknown>): Call {
  const [rows, classes] = [d.size(), d.atLeast1(70)];
  const outside = d.chance(0.05) ? 1 : 0;
  return {
    inputs: {
      logits: d.tensor([rows, classes], "float32", { low: -20, high: 20 }),
      labels: d.intTensor([rows], -outside, classes - 1 + outside),
    },
    attrs,
  };
}

const REFUSED_LABELS = /labels must be from 0 to/;

/** Rows of logits, with their labels. */
function rowsOf({ logits, labels }: Tensors) {
  const values = logits!.dataSync(), classes = logits!.shape[1]!;
  return Array.from(labels!.dataSync(), (label, row) => ({
    label,
    scores: values.slice(row * classes, (row + 1) * classes),
  }));
}

/** The losses, per example, and their mean. */
export const LOSSES: KernelCases = {
  MeanLoss: {
    draw: (d) => ({
      inputs: { perExampleLoss: d.tensor([d.atLeast1(70)]) },
      attrs: {},
    }),
    bound: ROUNDED,
    oracle: ({ perExampleLoss }) => tf.mean(perExampleLoss!),
  },
  MeanLossGrad: {
    draw: (d) => ({
      inputs: { dy: d.tensor([]) },
      attrs: { batchSize: d.atLeast1(70) },
    }),
    bound: ROUNDED,
    oracle: ({ dy }, { batchSize }: { batchSize: number }) =>
      tf.fill([batchSize], dy!.dataSync()[0]! / batchSize),
  },
  MulticlassHinge: {
    draw: (d) =>
      losses(d, {
        margin: d.pick([0, 0.5, 1]),
        reduction: d.pick(["sum", "max"]),
      }),
    bound: { rtol: 1e-4, atol: 1e-3 },
    refuses: REFUSED_LABELS,
    oracle: (
      inputs,
      attrs: { margin: number; reduction: "sum" | "max" },
    ) => {
      const rows = rowsOf(inputs).map(({ scores, label }) =>
        multiclassHinge(scores, label, attrs.margin, attrs.reduction)
      );
      return [
        floats(rows.map(({ loss }) => loss), [rows.length]),
        floats(
          rows.flatMap(({ gradient }) => Array.from(gradient)),
          inputs.logits!.shape,
        ),
      ];
    },
  },
  SoftmaxCrossEntropy: {
    draw: (d) => losses(d, {}),
    bound: ROUNDED,
    refuses: REFUSED_LABELS,
    oracle: (inputs) => {
      const { logits, labels } = inputs;
      const { loss, dLogits } = softmaxCrossEntropy(
        logits!.dataSync(),
        labels!.dataSync(),
        logits!.shape[1]!,
      );
      return [floats(loss, labels!.shape), floats(dLogits, logits!.shape)];
    },
  },
};
