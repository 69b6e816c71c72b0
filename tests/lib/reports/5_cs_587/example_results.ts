import type { svmFigures } from "../../../../lib/reports/5_cs_587/cifar_svm_figures.ts";
import type { SvmResults } from "../../../../lib/reports/5_cs_587/cifar_svm_results.ts";
import { SVM_COMBINATIONS } from "../../../../lib/reports/5_cs_587/reported.ts";
import type { SvmResult } from "../../../../lib/reports/5_cs_587/train_svms.ts";

/** 4×4 RGB images of these classes. */
export const NAMES = ["airplane", "automobile", "deer", "frog", "ship"];
export const DATASET = {
  name: "cifar-10",
  height: 4,
  width: 4,
  channels: 3,
  numClasses: 5,
  classNames: NAMES,
} as unknown as Parameters<typeof svmFigures>[1];

/** A classifier whose class k has its largest weights in `channels[k]`. */
export function result(
  combination: number,
  options: {
    validation?: number | null;
    train?: number;
    losses?: number[];
    hinge?: "max" | "sum";
    channels?: number[];
  } = {},
): SvmResult {
  const { validation = 0.3, train = 0.31, losses = [9, 2, 1.5, 1] } = options;
  const { hinge = "max", channels = [2, 0, 1, 1, 2] } = options;
  const weights = new Float32Array(48 * 5).map((_, i) => {
    const [pixel, k] = [Math.floor(i / 5), i % 5];
    return pixel % 3 === channels[k] ? 0.5 : -0.25 - pixel / 1000;
  });
  const diverged = validation === null;
  return {
    plan: { ...SVM_COMBINATIONS[combination]!, hinge, name: `c${combination}` },
    epochs: 6,
    parameters: diverged ? null : { weights, bias: new Float32Array(5) },
    fit: { step: 40 } as SvmResult["fit"],
    curve: losses.map((validationLoss, i) => ({
      step: 100 * i,
      validationLoss,
      trainLoss: i === 0 ? null : validationLoss,
    })),
    trainAccuracy: diverged ? null : train,
    validationAccuracy: validation,
  };
}

/** A run of the report's data, with some other parts. */
export function results(changes: Partial<SvmResults> = {}): SvmResults {
  const best = {
    max: result(3, { validation: 0.315, train: 0.332 }),
    sum: result(3, { validation: 0.384, train: 0.383, hinge: "sum" }),
  };
  const first = result(1);
  return {
    all: [first, best.sum, best.max],
    best,
    first,
    final: best.max,
    hinge: "max",
    tuned: null,
    search: null,
    comparable: true,
    tests: new Map([
      [best.max, [[1, 3], [1, 1]]],
      [best.sum, [[2, 2], [1, 1]]],
    ]),
    ...changes,
  };
}
