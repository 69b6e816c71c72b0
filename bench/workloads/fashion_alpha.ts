import * as tf from "@tensorflow/tfjs";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { createRandom } from "../../lib/data/random.ts";
import { softmaxCrossEntropy } from "../../lib/kernels/softmax_cross_entropy.ts";
import { l1Penalty } from "../../lib/losses/l1_penalty.ts";
import {
  conv2d,
  dense,
  flatten,
  reluAlphaLayer,
  sequential,
} from "../../lib/models/layers.ts";
import { Adam } from "../../lib/optimizers/adam.ts";
import type { Workload } from "./workload.ts";

/** Report 1's net with ReLU_α, λ = 0.5, batch 100, Adam 0.001. */
export async function fashionAlpha(): Promise<Workload> {
  const random = createRandom(0);
  const alphas = [1, 2, 3].map((i) =>
    tf.variable(tf.scalar(0.5), true, `alpha_${i}`)
  );
  const [activate1, activate2, activate3] = alphas.map(reluAlphaLayer);
  const net = sequential([
    conv2d(
      "conv1",
      { inChannels: 1, outChannels: 8, filterSize: 5, pad: 2 },
      random,
    ),
    activate1!,
    conv2d(
      "conv2",
      { inChannels: 8, outChannels: 16, filterSize: 5, pad: 2 },
      random,
    ),
    activate2!,
    conv2d(
      "conv3",
      { inChannels: 16, outChannels: 32, filterSize: 3, pad: 1 },
      random,
    ),
    activate3!,
    flatten(),
    dense("fc1", { inFeatures: 25_088, outFeatures: 10 }, random),
  ]);
  return {
    dataset: await loadFashionMnist(),
    batchSize: 100,
    optimizer: new Adam({ learningRate: 1e-3 }),
    net: {
      variables: net.variables,
      logits: (images) => net.apply(images) as tf.Tensor2D,
      loss: (logits, labels) =>
        tf.add(
          tf.mean(softmaxCrossEntropy(logits, labels)),
          l1Penalty(alphas, 0.5),
        ),
    },
  };
}
