import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { windowGeometry } from "../../reference/window_geometry.ts";
import { withBackend } from "../../with_backend.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

type Shape = [number, number, number, number];

const INPUT_SHAPE: Shape = [2, 5, 6, 3];

/** Small whole numbers, of which no sum rounds. */
const whole = (value: number) => Math.round(value * 50);

const run = (
  kernel: string,
  inputs: Record<string, tf.Tensor>,
  attrs: tf.NamedAttrMap,
) => tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor[];

const CASES = [
  { filter: [3, 1], strides: [1, 1], dilations: [1, 1], pad: 1 },
  { filter: [1, 3], strides: [2, 1], dilations: [1, 1], pad: 1 },
  { filter: [2, 2], strides: [1, 1], dilations: [2, 1], pad: 1 },
  { filter: [3, 2], strides: [1, 2], dilations: [1, 1], pad: "same" },
  { filter: [3, 2], strides: [2, 1], dilations: [1, 1], pad: "valid" },
] as const;

Deno.test("dilation2d and its gradients are their definition's where the sides differ", async () => {
  await withBackend({ threads: 2 }, () => {
    for (const { filter: [height, width], ...c } of CASES) {
      tf.tidy(() => {
        const g = windowGeometry({
          inputShape: INPUT_SHAPE,
          filterShape: [height, width, 3, 3],
          strides: [...c.strides],
          dilations: [...c.dilations],
          pad: c.pad,
        });
        // Windows without a positive number too.
        const x = seededTensor(INPUT_SHAPE, 1, (value) => whole(value) - 30);
        const filter = seededTensor([height, width, 3], 2, whole);
        const dy = seededTensor(g.outShape, 3, whole);
        const [xs, filters, dys] = [x, filter, dy].map((t) =>
          t.dataSync<"float32">()
        ) as [Float32Array, Float32Array, Float32Array];
        const wanted = new Float32Array(dys.length);
        const dxs = new Float32Array(xs.length);
        const dFilters = new Float32Array(filters.length);
        // y = max x + filter over what is inside; the first maximum has dy.
        wanted.forEach((_, at) => {
          const channel = at % 3, pixel = Math.floor(at / 3);
          const ox = pixel % g.outWidth, row = Math.floor(pixel / g.outWidth);
          const oy = row % g.outHeight, image = Math.floor(row / g.outHeight);
          let best = -Infinity, bestX = 0, bestFilter = 0;
          for (let fy = 0; fy < height; fy++) {
            for (let fx = 0; fx < width; fx++) {
              const iy = oy * c.strides[0] + fy * c.dilations[0] -
                g.padInfo.top;
              const ix = ox * c.strides[1] + fx * c.dilations[1] -
                g.padInfo.left;
              if (iy < 0 || iy >= 5 || ix < 0 || ix >= 6) continue;
              const xAt = ((image * 5 + iy) * 6 + ix) * 3 + channel;
              const filterAt = (fy * width + fx) * 3 + channel;
              const value = xs[xAt]! + filters[filterAt]!;
              if (value <= best) continue;
              [best, bestX, bestFilter] = [value, xAt, filterAt];
            }
          }
          wanted[at] = best;
          if (best === -Infinity) return;
          dxs[bestX]! += dys[at]!;
          dFilters[bestFilter]! += dys[at]!;
        });
        const attrs = c as unknown as tf.NamedAttrMap;
        const what = JSON.stringify({ height, width, ...c });
        const y = [run("Dilation2D", { x, filter }, attrs)].flat()[0]!;
        assert.deepEqual(y.shape, g.outShape, what);
        assert.deepEqual(y.dataSync<"float32">().map((v) => v + 0), wanted);
        const inputs = { x, filter, dy };
        const dx = [run("Dilation2DBackpropInput", inputs, attrs)].flat()[0]!;
        assert.deepEqual(dx.dataSync(), dxs, what);
        const df = [run("Dilation2DBackpropFilter", inputs, attrs)].flat()[0]!;
        assert.deepEqual(df.dataSync(), dFilters, what);
      });
    }
  });
});

Deno.test("maxPoolWithArgmax has maxPool's values where the sides differ", async () => {
  await withBackend({ threads: 2 }, () => {
    for (const { filter, dilations: _, ...c } of CASES) {
      tf.tidy(() => {
        const x = seededTensor(INPUT_SHAPE, 1, (value) => value - 1);
        const attrs = { ...c, filterSize: [...filter] } as never;
        const [pooled, indexes] = run("MaxPoolWithArgmax", { x }, attrs);
        const y = [run("MaxPool", { x }, attrs)].flat()[0]!;
        assert.deepEqual(pooled!.shape, y.shape);
        const [values, wanted] = [pooled!.dataSync(), y.dataSync()];
        assert.deepEqual(values, wanted);
        assert.deepEqual([indexes!.shape, indexes!.dtype], [y.shape, "int32"]);
        const xs = x.dataSync(), image = xs.length / 2;
        indexes!.dataSync().forEach((at, i) => {
          const from = i < wanted.length / 2 ? 0 : image;
          assert.equal(at < 0 ? -Infinity : xs[from + at], wanted[i]);
        });
      });
    }
  });
});

Deno.test("dilation2d and maxPoolWithArgmax refuse an output of a negative size", async () => {
  await withBackend({ threads: 1 }, () => {
    tf.tidy(() => {
      const x: tf.Tensor4D = tf.ones([1, 1, 4, 2]);
      const filter: tf.Tensor3D = tf.ones([3, 3, 2]);
      const message = (operation: string) =>
        new RegExp(
          `^RangeError: Cannot compute ${operation}: .*: filter 3×3 does not fit into 1×4$`,
        );
      assert.throws(
        () => tf.dilation2d(x, filter, 1, "valid"),
        message("dilation2d"),
      );
      assert.throws(
        () => tf.maxPoolWithArgmax(x, 3, 1, "valid"),
        message("maxPoolWithArgmax"),
      );
      const attrs = { strides: 1, pad: "valid", dilations: 1 };
      assert.throws(
        () => run("Dilation2DBackpropInput", { x, filter, dy: x }, attrs),
        message("dilation2d's input gradient"),
      );
    });
  });
});
