import assert from "node:assert/strict";
import {
  linearScores,
  predictedClass,
} from "../../../../lib/matrices/linear_scores.ts";
import { svmStep } from "../../../../lib/reports/5_cs_587/linear_svm.ts";
import { batches } from "../../../../lib/data/batches.ts";
import { meanImage } from "../../../../lib/data/image_dataset.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import type { ValidatedDataset } from "../../../../lib/data/splits.ts";
import {
  svmCheckpoint,
  trainedSvms,
} from "../../../../lib/reports/5_cs_587/train_svms.ts";
import { initialSvm } from "../../../../lib/reports/5_cs_587/_svm_net.ts";
import {
  type SvmPlan,
  trainSvm,
  type TrainSvmOptions,
} from "../../../../lib/reports/5_cs_587/train_svm.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../../lib/run/checkpoint.ts";
import { assertValuesClose } from "../../../assert_all_close.ts";
import { withBackend } from "../../../with_backend.ts";

const PIXELS = 12, CLASSES = 3;

/** Images of 2×2 RGB pixels; a class is bright in its own channel. */
function dataset(): ValidatedDataset {
  const random = createRandom(8);
  const split = (count: number) => {
    const labels = new Int32Array(count).map(() => random.uniformInt(CLASSES));
    const images = new Uint8Array(count * PIXELS).map((_, i) => {
      const own = labels[Math.floor(i / PIXELS)] === i % 3;
      return random.uniformInt(156) + (own ? 100 : 0);
    });
    return { images, labels, count };
  };
  return {
    name: "channels",
    height: 2,
    width: 2,
    channels: 3,
    numClasses: CLASSES,
    classNames: ["r", "g", "b"],
    // No test images: training does without.
    train: split(100),
    validation: split(60),
    test: split(0),
    sha256: {},
    remarks: [],
  };
}

const PLAN: SvmPlan = {
  name: "plan",
  hinge: "sum",
  regularization: "l2",
  batchSize: 16,
  learningRate: 1e-5,
  lambda: 10,
};

function train(
  plan: Partial<SvmPlan>,
  epochs: number,
  options: Partial<TrainSvmOptions> = {},
) {
  const data = dataset();
  return trainSvm({ ...PLAN, ...plan }, {
    dataset: data,
    mean: meanImage(data.train),
    epochs,
    from: null,
    seed: 3,
    validationEvery: 5,
    progress() {},
    ...options,
  });
}

/** Wᵀ `[pixels, classes]` as the report's W. */
const rowsOf = (weights: Float32Array) =>
  Float64Array.from(
    weights,
    (_, i) => weights[(i % PIXELS) * CLASSES + Math.floor(i / PIXELS)]!,
  );

Deno.test("trainSvm() is where the steps by hand are after an epoch, and has its losses", async () => {
  const { train: images, validation } = dataset();
  const mean = meanImage(images);
  const random = createRandom(3);
  const start = initialSvm(dataset(), random);
  const svm = {
    weights: rowsOf(start.weights),
    bias: Float64Array.from(start.bias),
  };
  const order = Uint32Array.from({ length: images.count }, (_, i) => i);
  random.shuffle(order);
  const losses: number[] = [];
  // too little to take all images for their own class
  const learningRate = 1e-7;
  for (const batch of batches(images, { batchSize: 16, order })) {
    const examples = Array.from(batch.labels, (label, row) => ({
      x: Float64Array.from(
        mean,
        (m, i) => batch.images[row * PIXELS + i]! - m,
      ),
      label,
    }));
    losses.push(svmStep(svm, examples, PLAN, learningRate));
  }
  const accuracyOf = (split: typeof validation) => {
    let right = 0;
    for (const [at, label] of split.labels.entries()) {
      const x = Float64Array.from(
        mean,
        (m, i) => split.images[at * PIXELS + i]! - m,
      );
      const scores = linearScores(svm.weights, x)
        .map((score, k) => score + svm.bias[k]!);
      if (predictedClass(scores) === label) right++;
    }
    return right / split.count;
  };
  const { parameters, curve, ...accuracies } = await withBackend(
    { threads: 1 },
    () => train({ learningRate }, 1, { validationEvery: 2 }),
  );
  // float32 has 7 digits; 7 steps.
  const close = { rtol: 1e-5, atol: 1e-8 };
  assertValuesClose(rowsOf(parameters!.weights), svm.weights, close);
  assertValuesClose(parameters!.bias, svm.bias, close);
  assert.equal(accuracies.trainAccuracy, accuracyOf(images));
  assert.equal(accuracies.validationAccuracy, accuracyOf(validation));
  assert.notEqual(accuracies.trainAccuracy, accuracies.validationAccuracy);
  assert.deepEqual(curve.map(({ step }) => step), [0, 2, 4, 6]);
  assert.equal(curve[0]!.trainLoss, null);
  assertValuesClose(
    curve.slice(1).map(({ trainLoss }) => trainLoss!),
    [0, 2, 4].map((at) => (losses[at]! + losses[at + 1]!) / 2),
    { rtol: 1e-5, atol: 0 },
  );
});

Deno.test("trainSvm() learns, and goes on as if it had never stopped", async () => {
  await withBackend({ threads: 1 }, async () => {
    const whole = await train({}, 9);
    assert.ok(whole.validationAccuracy! > 0.9, `${whole.validationAccuracy}`);
    assert.ok(
      whole.curve.at(-1)!.validationLoss < whole.curve[0]!.validationLoss,
    );
    const third = await train({}, 3);
    const saved = svmCheckpoint(new Map([["plan 3", third]]));
    const bytes = encodeCheckpoint(saved);
    const again = trainedSvms(decodeCheckpoint(bytes, "test")).get("plan 3")!;
    assert.deepEqual(again, third);
    const resumed = await train({}, 9, { from: again });
    assert.deepEqual(resumed.parameters, whole.parameters);
    assert.equal(resumed.validationAccuracy, whole.validationAccuracy);
    assert.deepEqual(
      resumed.curve.map(({ step, validationLoss }) => [step, validationLoss]),
      whole.curve.map(({ step, validationLoss }) => [step, validationLoss]),
    );
  });
});

Deno.test("trainSvm() tells its progress, and does not take another error for a divergence", async () => {
  await withBackend({ threads: 1 }, async () => {
    const steps: number[] = [];
    const progress = (step: number) => steps.push(step);
    await train({}, 3, { progress }); // 7 steps per epoch
    assert.deepEqual(steps, [10, 20]);
    const error = new Error("not a divergence");
    await assert.rejects(
      train({}, 3, {
        progress() {
          throw error;
        },
      }),
      error,
    );
  });
});

Deno.test("trainSvm() says of a divergence what there is to say, and a checkpoint keeps it", async () => {
  await withBackend({ threads: 1 }, async () => {
    // 2 γ λ = 20: a step multiplies the weights by −19.
    const diverged = await train({ lambda: 1e6 }, 9);
    assert.equal(diverged.parameters, null);
    assert.equal(diverged.validationAccuracy, null);
    // 361ⁿ λ Σ w² = 361ⁿ · 1e6 · 36 · 1e-8 is beyond float32 from n = 16 on.
    for (const every of [1, 4, 100]) {
      const { fit: { step } } = await train({ lambda: 1e6 }, 9, {
        validationEvery: every,
      });
      assert.equal(step, 16, `a point every ${every} steps`);
    }
    assert.deepEqual(diverged.curve.map(({ step }) => step), [0, 5, 10, 15]);
    const saved = svmCheckpoint(new Map([["plan 9", diverged]]));
    const bytes = encodeCheckpoint(saved);
    assert.deepEqual(
      trainedSvms(decodeCheckpoint(bytes, "test")).get("plan 9"),
      diverged,
    );
    assert.deepEqual(trainedSvms(null), new Map());
    // Another net can be made: the names of its variables are free.
    assert.notEqual((await train({}, 1)).parameters, null);
  });
});
