import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import {
  type LinearSvm,
  svmGradient,
  svmStep,
} from "../../../../lib/reports/5_cs_587/linear_svm.ts";
import { createRandom } from "../../../../lib/base/random.ts";
import {
  createSvmNet,
  initialSvm,
} from "../../../../lib/reports/5_cs_587/_svm_net.ts";
import { batchTensors } from "../../../../lib/train/evaluate.ts";
import { assertValuesClose } from "../../../assert_all_close.ts";
import { withBackend } from "../../../with_backend.ts";

const SHAPE = { height: 4, width: 4, channels: 3 };
const PIXELS = 48, CLASSES = 5, COUNT = 16;

/** `[rows, columns]` → `[columns, rows]`, float64. */
function transposed(values: ArrayLike<number>, columns: number): Float64Array {
  const rows = values.length / columns;
  return Float64Array.from(
    values,
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!,
  );
}

function examples(seed: number) {
  const random = createRandom(seed);
  const images = new Uint8Array(COUNT * PIXELS).map(() =>
    random.uniformInt(256)
  );
  const labels = new Int32Array(COUNT).map(() => random.uniformInt(CLASSES));
  // Whole numbers, so that scores of whole weights are exact.
  const mean = new Float32Array(PIXELS).map(() => random.uniformInt(256));
  return { random, mean, batch: { images, labels, size: COUNT } };
}

/** The examples as the classifier by hand takes them. */
function inputsOf({ mean, batch }: ReturnType<typeof examples>) {
  return Array.from(batch.labels, (label, row) => ({
    x: Float64Array.from(mean, (m, i) => batch.images[row * PIXELS + i]! - m),
    label,
  }));
}

/** A net whose variables' names are free again when it goes. */
function disposable(net: ReturnType<typeof createSvmNet>) {
  return Object.assign(net, {
    [Symbol.dispose]() {
      net.optimizer.dispose();
      tf.dispose([...net.variables]);
    },
  });
}

for (const hinge of ["max", "sum"] as const) {
  for (const regularization of ["l1", "l2"] as const) {
    const name = `${hinge}, ${regularization}`;

    Deno.test(`createSvmNet() has the gradient by hand, ties and the margin's edge included (${name})`, async () => {
      await withBackend({ threads: 1 }, () => {
        const data = examples(1);
        const { random, mean, batch } = data;
        // Weights −1, 0 and 1 for the first three inputs and 0 for the others:
        // scores are small whole numbers, so that ties and edges are frequent.
        batch.images.forEach((_, i) => {
          if (i % PIXELS < 3) {
            batch.images[i] = mean[i % PIXELS]! < 128
              ? mean[i % PIXELS]! + random.uniformInt(3)
              : mean[i % PIXELS]! - random.uniformInt(3);
          }
        });
        const weights = new Float32Array(PIXELS * CLASSES).map((_, i) =>
          i < 3 * CLASSES ? random.uniformInt(3) - 1 : 0
        );
        const bias = new Float32Array(CLASSES).map(() => random.uniformInt(2));
        const inputs = inputsOf(data);
        const byHand: LinearSvm = {
          weights: transposed(weights, CLASSES),
          bias: Float64Array.from(bias),
        };
        const settings = {
          hinge,
          regularization,
          lambda: 0.25,
          learningRate: 1,
        };
        const violations = inputs.map(({ x, label }) => {
          const scores = Array.from(
            bias,
            (b, j) =>
              x.reduce((sum, v, i) => sum + v * weights[i * CLASSES + j]!, b),
          );
          return scores.filter((_, j) => j !== label)
            .map((score) => 1 + score - scores[label]!);
        });
        const tied = violations.filter((v) => {
          const most = Math.max(...v);
          return most > 0 && v.filter((one) => one === most).length > 1;
        });
        assert.ok(tied.length > 0, "ties among the maximizers");
        assert.ok(violations.some((v) => v.includes(0)), "a margin's edge");

        using net = disposable(
          createSvmNet(settings, mean, { weights, bias }),
        );
        tf.tidy(() => {
          const { images, labels } = batchTensors(batch, SHAPE);
          const { value, grads } = tf.variableGrads(
            () => net.loss(net.logits(images, true), labels),
            [...net.variables],
          );
          const expected = svmGradient(byHand, inputs, settings);
          // Sums of 16 numbers up to 255 in float32.
          const close = { rtol: 1e-6, atol: 1e-4 };
          assertValuesClose(value.dataSync(), [expected.loss], close);
          assertValuesClose(
            transposed(grads["svm/weights"]!.dataSync(), CLASSES),
            expected.dWeights,
            close,
          );
          assertValuesClose(
            grads["svm/bias"]!.dataSync(),
            expected.dBias,
            close,
          );
        });
      });
    });

    Deno.test(`createSvmNet() is where the steps by hand are after 5 steps (${name})`, async () => {
      await withBackend({ threads: 2 }, () => {
        const data = examples(2);
        const { random, mean, batch } = data;
        const numClasses = CLASSES;
        const dataset = { ...SHAPE, numClasses } as Parameters<
          typeof initialSvm
        >[0];
        const start = initialSvm(dataset, random);
        const byHand = {
          weights: transposed(start.weights, CLASSES),
          bias: Float64Array.from(start.bias),
        };
        const learningRate = 1e-5;
        const lambda = regularization === "l1" ? 3 : 3000;
        const settings = { hinge, regularization, lambda, learningRate };
        using net = disposable(createSvmNet(settings, mean, start));
        const inputs = inputsOf(data);
        for (let step = 0; step < 5; step++) {
          const loss = tf.tidy(() => {
            const { images, labels } = batchTensors(batch, SHAPE);
            const { value, grads } = tf.variableGrads(
              () => net.loss(net.logits(images, true), labels),
              [...net.variables],
            );
            net.optimizer.applyGradients(grads);
            return value.dataSync();
          });
          const expected = svmStep(byHand, inputs, settings, learningRate);
          assertValuesClose(loss, [expected], { rtol: 1e-5, atol: 0 });
        }
        const [weights, bias] = net.variables;
        // Weights near 0.0001; float32 has 7 digits of them.
        assertValuesClose(
          transposed(weights!.dataSync(), CLASSES),
          byHand.weights,
          { rtol: 1e-5, atol: 1e-8 },
        );
        assertValuesClose(
          bias!.dataSync(),
          byHand.bias,
          { rtol: 1e-5, atol: 1e-10 },
        );
      });
    });
  }
}

Deno.test("initialSvm() has normal weights of deviation 0.0001 and no bias", () => {
  const dataset = { height: 32, width: 32, channels: 3, numClasses: 10 };
  const { weights, bias } = initialSvm(
    dataset as Parameters<typeof initialSvm>[0],
    createRandom(4),
  );
  assert.equal(weights.length, 30_720);
  assert.deepEqual([...bias], new Array(10).fill(0));
  const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
  const variance = weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) /
    weights.length;
  // Four standard errors: 0.0001 / √30720 and 1e-8 · √(2 / 30720).
  assert.ok(Math.abs(mean) < 4 * 0.0001 / Math.sqrt(30_720));
  assert.ok(Math.abs(variance - 1e-8) < 4e-8 * Math.sqrt(2 / 30_720));
});
