import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { isWinograd } from "../../../lib/ops/_conv2d_winograd.ts";
import * as reference from "../../reference/conv2d.ts";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

/** A convolution with stride 1. */
interface Layer {
  x: Shape;
  filter: Shape;
  pad: number;
}

/** What the reports' nets have, but for the batch; and odd sizes. */
const LAYERS: readonly Layer[] = [
  { x: [12, 28, 28, 16], filter: [3, 3, 16, 32], pad: 1 },
  { x: [50, 7, 7, 16], filter: [3, 3, 16, 32], pad: 1 },
  { x: [8, 26, 26, 32], filter: [3, 3, 32, 64], pad: 0 },
  { x: [9, 23, 21, 24], filter: [3, 3, 24, 16], pad: 1 },
];

/** How many channels of a result are looked at: too few for Winograd's way. */
const FEW = 2;

const few = ([a, b, c]: readonly number[]): Shape => [a!, b!, c!, FEW];

const fewOf = (t: tf.Tensor) => t.slice([0, 0, 0, 0], few(t.shape));

function run(kernel: string, inputs: tf.NamedTensorMap, attrs: object) {
  return tf.engine().runKernel(
    kernel,
    inputs,
    attrs as tf.NamedAttrMap,
  ) as tf.Tensor;
}

/** y, dx and dFilter. */
function passes(
  x: tf.Tensor,
  filter: tf.Tensor,
  dy: tf.Tensor,
  pad: number,
) {
  const attrs = { strides: 1, pad, dilations: 1, dataFormat: "NHWC" };
  return {
    y: () => run("Conv2D", { x, filter }, attrs),
    dx: (inputShape: Shape) =>
      run("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape }),
    dFilter: (filterShape: Shape) =>
      run("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape }),
  };
}

/** Root mean square and greatest absolute value of the differences. */
function errors(values: tf.Tensor, truth: Float64Array): [number, number] {
  const off = Array.from(values.dataSync(), (v, i) => Math.abs(v - truth[i]!));
  const squares = off.reduce((sum, v) => sum + v * v, 0);
  return [
    Math.sqrt(squares / off.length),
    off.reduce((most, v) => Math.max(most, v), 0),
  ];
}

/**
 * The first channels of a layer's results by Winograd's way, by the direct way,
 * which takes these channels alone, and in float64.
 */
function results(layer: Layer, change: (value: number) => number) {
  const { pad } = layer;
  const geometry = (x: Shape, filter: Shape) =>
    windowGeometry({
      inputShape: x,
      filterShape: filter,
      strides: [1, 1],
      dilations: [1, 1],
      pad,
    });
  const { outShape } = geometry(layer.x, layer.filter);
  for (const shape of [outShape, layer.x]) {
    assert.ok(isWinograd(layer.filter, shape, [1]), `${layer.filter}`);
  }
  const x = seededTensor(layer.x, 1, change);
  const filter = seededTensor(layer.filter, 2), dy = seededTensor(outShape, 3);
  const [height, width, ins, outs] = layer.filter;
  const fewOuts = fewOf(filter), fewDy = fewOf(dy);
  const fewIns = filter.slice([0, 0, 0, 0], [height, width, FEW, outs]);
  const all = passes(x, filter, dy, pad);
  const toOuts = geometry(layer.x, few(layer.filter));
  const toIns = geometry(few(layer.x), [height, width, FEW, outs]);
  const [xs, outFilter, inFilter, dys, outDy] = [
    x,
    fewOuts,
    fewIns,
    dy,
    fewDy,
  ].map((t) => t.dataSync<"float32">()) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return {
    y: {
      winograd: fewOf(all.y()),
      direct: passes(x, fewOuts, fewDy, pad).y(),
      truth: reference.conv2d(toOuts, xs, outFilter).values,
    },
    dx: {
      winograd: fewOf(all.dx(layer.x)),
      direct: passes(x, fewIns, dy, pad).dx(few(layer.x)),
      truth: reference.conv2dInputGrad(toIns, dys, inFilter).values,
    },
    dFilter: {
      winograd: fewOf(all.dFilter(layer.filter)),
      direct: passes(x, filter, fewDy, pad)
        .dFilter([height, width, ins, FEW]),
      truth: reference.conv2dFilterGrad(toOuts, xs, outDy).values,
    },
  };
}

for (const simd of ["relaxed", "simd128"] as const) {
  Deno.test(`Winograd's way errs at most 4 times as much as the direct one: ${simd}`, async (t) => {
    await withBackend({ threads: 2, simd }, async () => {
      const changes = {
        "in −1 … 1": (v: number) => v,
        "after a ReLU": (v: number) => Math.max(v, 0),
      };
      for (const layer of LAYERS) {
        for (const [name, change] of Object.entries(changes)) {
          await t.step(`${layer.x} by ${layer.filter}, ${name}`, () => {
            tf.tidy(() => {
              for (const [pass, r] of Object.entries(results(layer, change))) {
                const [rms, most] = errors(r.winograd, r.truth);
                const [directRms, directMost] = errors(r.direct, r.truth);
                const said = `${pass}: ${rms} for ${directRms}, at most ` +
                  `${most} for ${directMost}`;
                assert.ok(rms <= 4 * directRms, said);
                assert.ok(most <= 4 * directMost, said);
              }
            });
          });
        }
      }
    });
  });

  Deno.test(`what is not finite reaches its own outputs alone, by Winograd's way too: ${simd}`, async () => {
    await withBackend({ threads: 2, simd }, () => {
      for (const { x: shape, filter: filterShape, pad } of LAYERS) {
        const x: Shape = [2, ...shape.slice(1)] as Shape;
        for (const value of [NaN, Infinity, -Infinity, 3e38]) {
          tf.tidy(() => {
            const numbers = seededTensor(x, 1).dataSync<"float32">();
            // One in the first image, beside a tile's edge.
            numbers[(6 * x[2] + 7) * x[3] + 3] = value;
            const filter = seededTensor(filterShape, 2, (v) => 4 * v);
            const bias = seededTensor([filterShape[3]], 3);
            const y = (outs: number) =>
              tf.fused.conv2d({
                x: tf.tensor(numbers, x) as tf.Tensor4D,
                filter: filter.slice([0, 0, 0, 0], [
                  ...filterShape.slice(0, 3),
                  outs,
                ]) as tf.Tensor4D,
                strides: 1,
                pad,
                bias: bias.slice([0], [outs]) as tf.Tensor1D,
                activation: "relu",
              });
            const all = y(filterShape[3]);
            const [ours, direct] = [fewOf(all), y(FEW)].map((t) =>
              t.dataSync()
            ) as [Float32Array, Float32Array];
            let special = 0;
            ours.forEach((v, i) => {
              if (Number.isFinite(direct[i]) && direct[i]! < 1e30) {
                assert.ok(Math.abs(v - direct[i]!) < 1e-4, `${v} ${direct[i]}`);
              } else {
                special++;
                assert.equal(v, direct[i]);
              }
            });
            assert.ok(special > 0 && special < 2 * 25 * FEW);
          });
        }
      }
    });
  });
}
