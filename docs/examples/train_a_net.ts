/**
 * Train a net of your own on Fashion-MNIST and give it to others as ONNX.
 *
 *   deno run -q -P=train docs/examples/train_a_net.ts [runs/NAME.onnx]
 */
import { startBackend } from "alphalab";
import { drawSubset, loadDataset } from "alphalab/data";
import { meanLoss, softmaxCrossEntropy } from "alphalab/losses";
import { classifier, dense, flatten } from "alphalab/models";
import { exportOnnx } from "alphalab/onnx";
import { Adam } from "alphalab/optimizers";
import { createRandom } from "alphalab/random";
import { evaluate, fit } from "alphalab/train";

const backend = await startBackend();
const random = createRandom(0); // decides weights and order, so the result
const fashion = await loadDataset("fashion-mnist");
const train = drawSubset(fashion.train, 10_000, random); // to be quick
const dataset = { ...fashion, train };

const relu = { kind: "relu" } as const;
const hidden = { inFeatures: 784, outFeatures: 64, activation: relu };
const output = { inFeatures: 64, outFeatures: 10 };
const net = classifier({
  layers: [ // [batch, 28, 28, 1]
    flatten(), // [batch, 784]
    dense("fc1", hidden, random), // [batch, 64]
    dense("fc2", output, random), // [batch, 10], the logits
  ],
  loss: (logits, labels) => meanLoss(softmaxCrossEntropy(logits, labels)),
  optimizer: new Adam({ learningRate: 0.002 }),
});

await fit(net, dataset, { epochs: 3, batchSize: 50, random });
const { accuracy } = await evaluate(net, dataset.test, dataset, {
  batchSize: 1_000,
});
console.log(`test accuracy ${(100 * accuracy).toFixed(2)} %`);
const bytes = exportOnnx(net.layers, dataset);
console.log(`ONNX model of ${bytes.length} bytes`);
if (Deno.args[0]) await Deno.writeFile(Deno.args[0], bytes);
backend.stop();
