import assert from "node:assert/strict";
import { foldNet } from "../../../lib/models/fold_net.ts";
import type { PlainLayer } from "../../../lib/models/plain_net.ts";
import { outputShape } from "../../../lib/models/plain_net.ts";
import { forwardPlain, pullBack } from "../../../lib/models/plain_passes.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import * as reference from "../../reference/conv2d.ts";
import { alpha, conv, full, image, norm } from "./fixtures/plain_layers.ts";

const EXACTLY = { rtol: 0, atol: 0 };
const CLOSE = { rtol: 1e-12, atol: 1e-12 };

function geometry(layer: ReturnType<typeof conv>, shape: readonly number[]) {
  const [outHeight, outWidth] = outputShape(layer, shape) as [number, number];
  const [side, , inChannels, outChannels] = layer.shape as number[];
  return {
    batchSize: 1,
    inHeight: shape[0]!,
    inWidth: shape[1]!,
    inChannels: inChannels!,
    outHeight,
    outWidth,
    outChannels: outChannels!,
    filterHeight: side!,
    filterWidth: side!,
    strideHeight: layer.stride,
    strideWidth: layer.stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padInfo: { top: layer.pad[0], left: layer.pad[1] },
  };
}

Deno.test("a convolution and its gradient are the oracle's, with pad and stride", () => {
  for (
    const [pad, stride, side] of [[0, 1, 3], [2, 1, 5], [1, 2, 2], [3, 3, 4]]
  ) {
    const layer = conv("a", [side!, 2, 3], { pad, stride });
    const shape = [7, 6, 2];
    const x = image(shape);
    const g = geometry(layer, shape);
    const { values } = reference.conv2d(g, x, layer.filter);
    const y = forwardPlain([layer], x, shape);
    assertValuesClose(y, values.map((v, i) => v + layer.bias[i % 3]!), CLOSE);
    const dy = image([g.outHeight, g.outWidth, 3], 8);
    const dx = reference.conv2dInputGrad(g, dy, layer.filter).values;
    assertValuesClose(pullBack([layer], dy, shape), dx, CLOSE);
  }
});

Deno.test("dense, batch norm, ReLU_α, pooling and flattening by hand", () => {
  const forward = (layer: PlainLayer, x: number[], shape: number[]) => [
    ...forwardPlain([layer], Float64Array.from(x), shape),
  ];
  const dense = full("a", 2, 1);
  assert.deepEqual(forward(dense, [3, 4], [2]), [
    dense.bias[0]! + 3 * dense.weights[0]! + 4 * dense.weights[1]!,
  ]);
  const batchNorm = {
    kind: "batch-norm",
    name: "n",
    scale: Float64Array.of(2, 1),
    offset: Float64Array.of(10, 0),
    mean: Float64Array.of(1, 5),
    variance: Float64Array.of(3, 0),
    epsilon: 1,
  } as const;
  assert.deepEqual(forward(batchNorm, [3, 6], [1, 1, 2]), [12, 1]);
  const signs = [-2, 3, -4, 0];
  assert.deepEqual(forward(alpha(0.75), signs, [4]), [-0.5, 3, -1, 0]);
  assert.deepEqual(forward(alpha(1, 0.5), signs, [2, 1, 2]), [-0, 3, -0, 0]);
  const relu = { kind: "activation", alpha: null } as const;
  assert.deepEqual(forward(relu, signs, [4]), [-0, 3, -0, 0]);
  const pixels = [1, 9, 5, -2, 3, 4, 7, 8, 6];
  const pool = { kind: "max-pool", size: 2 } as const;
  assert.deepEqual(forward(pool, pixels, [3, 3, 1]), [9]);
  assert.deepEqual(forward({ kind: "flatten" }, pixels, [3, 3, 1]), pixels);
});

Deno.test("what goes back through linear layers is the transpose: dy · (f(x) − f(0)) = dx · x", () => {
  const shape = [6, 5, 2];
  const layers = [
    conv("a", [3, 2, 3], { pad: 1 }),
    norm("n", 3),
    conv("b", [2, 3, 2], { stride: 2, seed: 2 }),
    { kind: "flatten" } as const,
    full("c", 12, 4, 3),
  ];
  const x = image(shape), zero = new Float64Array(60), dy = image([4], 9);
  const dot = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const origin = forwardPlain(layers, zero, shape);
  const moved = forwardPlain(layers, x, shape).map((y, i) => y - origin[i]!);
  const expected = [dot(dy, moved)];
  assertValuesClose([dot(pullBack(layers, dy, shape), x)], expected, CLOSE);
  assert.throws(() => pullBack([alpha(0.5)], dy, [4]), {
    name: "TypeError",
    message: "Cannot pull back: layers must be linear: got activation",
  });
});

Deno.test("the pieces of a convolution with borders lie where their outputs belong", () => {
  // A 1×1 and then a padded 3×3 of ones: each output counts its neighbours.
  const ones = (side: number, pad: number) => ({
    ...conv("a", [side, 1, 1], { pad }),
    filter: new Float64Array(side ** 2).fill(1),
    bias: Float64Array.of(0),
  });
  const shape = [3, 4, 1];
  const { layers } = foldNet([ones(1, 0), ones(3, 1)], shape, { all: true });
  assert.equal(layers[0]!.kind, "bordered-conv2d");
  const x = new Float64Array(12).fill(1);
  // deno-fmt-ignore -- the image
  assertValuesClose(forwardPlain(layers, x, shape), [
    4, 6, 6, 4,
    6, 9, 9, 6,
    4, 6, 6, 4,
  ], EXACTLY);
});
