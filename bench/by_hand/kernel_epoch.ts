/**
 * Times an epoch of report 3's question 1 in our kernels, on one thread: the
 * twin of bench/by_hand/numpy_epoch.py, with one line of JSON.
 *
 *   deno run -q --no-prompt -P=train bench/by_hand/kernel_epoch.ts \
 *     --model mlp --examples 6000
 */
import { startBackend } from "../../lib/backend/start_backend.ts";
import { createMlp } from "../../lib/reports/3_homework_1/by_hand/mlp.ts";
import { choice, flag, integer } from "../../lib/cli/flags.ts";
import { parseFlags } from "../../lib/cli/command_line.ts";
import { runMain } from "../../lib/cli/run_main.ts";
import { loadFashionMnist } from "../../lib/data/fashion_mnist.ts";
import { takeFirst } from "../../lib/data/image_dataset.ts";
import { createRandom } from "../../lib/base/random.ts";
import { createHeapExamples } from "../../lib/reports/3_homework_1/by_hand/example_model.ts";
import { createLogisticRegressionModel } from "../../lib/reports/3_homework_1/by_hand/logistic_regression_epoch.ts";
import { createMlpModel } from "../../lib/reports/3_homework_1/by_hand/mlp_epoch.ts";
import { createPerceptronModel } from "../../lib/reports/3_homework_1/by_hand/perceptron_epoch.ts";
import { measurePeak } from "../measure_peak.ts";
import { median } from "../paired.ts";

const PIXELS = 784, CLASSES = 4, HIDDEN = 200, LEARNING_RATE = 0.001;

/** Epochs that are timed; their median is printed. */
const EPOCHS = 5;

/** As in the scripts' training. */
const SLICE = 1_000;

const MODELS = {
  perceptron: () =>
    createPerceptronModel({ pixels: PIXELS, numClasses: CLASSES }),
  logistic: () =>
    createLogisticRegressionModel({
      pixels: PIXELS,
      numClasses: CLASSES,
      learningRate: LEARNING_RATE,
    }),
  mlp: () => {
    const sizes = { inputs: PIXELS, hidden: HIDDEN, classes: CLASSES };
    return createMlpModel(createMlp(sizes, createRandom(0)), LEARNING_RATE);
  },
};

type ModelName = keyof typeof MODELS;

/**
 * float32 multiply-adds of an example: a product and a step of each weight, and
 * for W₂ the gradient of the hidden units. The perceptron has none.
 */
const MULTIPLY_ADDS: Record<ModelName, number> = {
  perceptron: 0,
  logistic: 2 * CLASSES * (PIXELS + 1),
  mlp: 2 * HIDDEN * (PIXELS + 1) + 3 * CLASSES * HIDDEN,
};

const FLAGS = {
  model: flag(choice(Object.keys(MODELS) as ModelName[]), {
    default: "perceptron",
    describe: "what to train",
  }),
  examples: flag(integer({ min: 1, max: 60_000 }), {
    default: 60_000,
    describe: "of the epoch",
  }),
};

async function main() {
  const config = parseFlags(
    "kernel_epoch",
    "Times an epoch.",
    FLAGS,
    Deno.args,
  );
  const count = config.examples;
  const backend = await startBackend({ threads: 1 });
  const train = takeFirst((await loadFashionMnist()).train, count);
  const labels = train.labels.map((label) => label % CLASSES);
  const examples = createHeapExamples({ ...train, labels });
  const model = MODELS[config.model]();
  const random = createRandom(1);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const runEpoch = () => {
    random.shuffle(order);
    examples.setOrder(order);
    const start = performance.now();
    for (let first = 0; first < count; first += SLICE) {
      model.train(examples, first, Math.min(SLICE, count - first));
    }
    return (performance.now() - start) / 1000;
  };
  runEpoch(); // to warm up
  const seconds = Array.from({ length: EPOCHS }, runEpoch);
  const examplesPerSecond = count / median(seconds);
  const flops = 2 * MULTIPLY_ADDS[config.model] * examplesPerSecond;
  console.log(JSON.stringify({
    examplesPerSecond,
    shareOfPeak: flops / 1e9 / measurePeak(),
    simd: backend.simd,
  }));
  backend.stop();
}

if (import.meta.main) await runMain(main);
