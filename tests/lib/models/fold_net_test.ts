import assert from "node:assert/strict";
import { foldNet, snapAlphas } from "../../../lib/models/fold_net.ts";
import {
  layerShapes,
  multiplyAdds,
  type PlainLayer,
} from "../../../lib/models/plain_net.ts";
import { forwardPlain } from "../../../lib/models/plain_passes.ts";
import { assertValuesClose } from "../../assert_all_close.ts";
import {
  alpha,
  conv,
  full,
  image,
  norm,
  reportOne,
  reportTwo,
} from "./fixtures/plain_layers.ts";

const GRAY = [28, 28, 1];

function cost(layers: readonly PlainLayer[], shape: readonly number[]) {
  const shapes = layerShapes(layers, shape);
  return layers.reduce((sum, one, i) => sum + multiplyAdds(one, shapes[i]!), 0);
}

/** Folds, and holds the folded net against the net: both in float64. */
function fold(
  layers: readonly PlainLayer[],
  shape: readonly number[],
  all = false,
) {
  const folded = foldNet(layers, shape, { all });
  const x = image(shape);
  const y = forwardPlain(layers, x, shape);
  // Sums of up to 10⁵ terms: some 10⁻¹³ of the largest value.
  const scale = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assertValuesClose(forwardPlain(folded.layers, x, shape), y, {
    rtol: 0,
    atol: 1e-12 * scale,
  });
  return folded;
}

const kinds = (layers: readonly PlainLayer[]) =>
  layers.map(({ kind }) => kind).join(" ");

Deno.test("two convolutions by hand: 1×2 windows, weights and biases multiply out", () => {
  const one = (name: string, weights: number[], bias: number, pad: number) =>
    ({
      kind: "conv2d",
      name,
      shape: [1, 2, 1, 1],
      filter: Float64Array.from(weights),
      bias: Float64Array.of(bias),
      pad: [0, pad],
      stride: 1,
    }) as const;
  const without = foldNet(
    [one("a", [2, 3], 1, 0), one("b", [5, 7], 4, 0)],
    [1, 5, 1],
    { all: true },
  );
  // 5 (2x₀ + 3x₁ + 1) + 7 (2x₁ + 3x₂ + 1) + 4
  assert.deepEqual(without.layers, [{
    kind: "conv2d",
    name: "a_b",
    shape: [1, 3, 1, 1],
    filter: Float64Array.of(10, 29, 21),
    bias: Float64Array.of(16),
    pad: [0, 0],
    stride: 1,
  }]);
  // b's padding cuts: left of the image there is 0 and no a, whose bias is 1.
  const { layers: [padded] } = foldNet(
    [one("a", [2, 3], 1, 0), one("b", [5, 7], 4, 1)],
    [1, 5, 1],
    { all: true },
  );
  assert.ok(padded?.kind === "bordered-conv2d");
  assert.deepEqual(
    padded.pieces.flat().map(({ filter, bias }) => [[...filter], [...bias]]),
    [[[14, 21], [11]], [[10, 29, 21], [16]], [[10, 15], [9]]],
  );
  assert.deepEqual(padded.outShape, [1, 5, 1]);
});

Deno.test("two dense layers by hand: the matrices' product", () => {
  const dense = (name: string, shape: number[], w: number[], b: number[]) =>
    ({
      kind: "dense",
      name,
      shape,
      weights: Float64Array.from(w),
      bias: Float64Array.from(b),
    }) as const;
  const { layers, folds } = foldNet(
    [dense("a", [1, 2], [2, 3], [1, -1]), dense("b", [2, 1], [5, 7], [4])],
    [1],
    { all: false },
  );
  assert.deepEqual(layers, [dense("a_b", [1, 1], [31], [2])]);
  assert.deepEqual(folds, [["a", "b"]]);
});

Deno.test("report 1's net folds to the multiply-adds that its α leave", () => {
  const left = (alphas: [number, number, number]) =>
    cost(fold(reportOne(alphas), GRAY).layers, GRAY);
  assert.equal(cost(reportOne([0.5, 0.5, 0.5]), GRAY), 6_529_152);
  assert.equal(left([0.5, 0.5, 0]), 2_791_040); // dense 12,544 → 10
  assert.equal(left([0, 0.5, 0]), 1_141_504); // 9×9 1 → 16, and that
  assert.equal(left([0, 0, 0.5]), 3_286_528); // 11×11 1 → 32
  assert.equal(left([0.5, 0, 0]), 219_520); // dense 6,272 → 10
  assert.equal(left([0, 0, 0]), 7_840); // dense 784 → 10
  // Two of the layers in a row would cost more as one.
  assert.equal(left([0.5, 0, 0.5]), 6_529_152);
});

Deno.test("what would cost more stays apart, and is named; all folds it too", () => {
  const layers = reportOne([0.5, 0, 0.5]);
  const apart = foldNet(layers, GRAY, { all: false });
  assert.deepEqual(apart.folds, []);
  assert.deepEqual(apart.left, [{
    names: ["conv2", "conv3"],
    apart: 2_508_800 + 3_612_672,
    folded: 49 * 8 * 32 * 784,
  }]);
  assert.equal(
    kinds(apart.layers),
    "conv2d activation conv2d conv2d activation flatten dense",
  );
  const all = fold(layers, GRAY, true);
  assert.deepEqual(all.folds, [["conv2", "conv3"]]);
  assert.equal(cost(all.layers, GRAY), 10_242_176);
});

Deno.test("a border of two rows and columns gives 9 pieces, of three 49 variants", () => {
  const piecesOf = (alphas: [number, number, number]) => {
    const [first] = foldNet(reportOne(alphas), GRAY, { all: false }).layers;
    assert.ok(first?.kind === "bordered-conv2d");
    const pieces = first.pieces.flat();
    return pieces.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  };
  assert.equal(piecesOf([0, 0.5, 0]), 25);
  assert.equal(piecesOf([0, 0, 0.5]), 49);
});

Deno.test("report 2's net folds to convolutions without borders", () => {
  const left = (alphas: [number, number, number]) => {
    const { layers } = fold(reportTwo(alphas), GRAY);
    assert.ok(layers.every(({ kind }) => kind !== "bordered-conv2d"));
    return cost(layers, GRAY);
  };
  assert.equal(cost(reportTwo([1, 1, 1]), GRAY), 58_380);
  assert.equal(left([0, 0, 0.5]), 2_664); // 8×8 stride 4, 1 → 1
  assert.equal(left([0, 0, 0]), 2_664); // a dense layer would take 7,840
});

Deno.test("strides, batch norms, odd sizes and tiny images fold exactly", () => {
  const flat = { kind: "flatten" } as const;
  const nets: [PlainLayer[], number[]][] = [
    [[conv("a", [3, 2, 3], { pad: 1 }), conv("b", [3, 3, 2], { pad: 1 })], [
      5,
      7,
      2,
    ]],
    [[
      conv("a", [3, 1, 2], { pad: 2, stride: 2 }),
      conv("b", [2, 2, 3], { pad: 1, stride: 3 }),
    ], [17, 12, 1]],
    [[
      norm("n", 2),
      conv("a", [3, 2, 3], { pad: 1 }),
      norm("m", 3),
      conv("b", [4, 3, 1], { pad: 2 }),
    ], [9, 8, 2]],
    // Every output sees padding.
    [[conv("a", [5, 1, 2], { pad: 2 }), conv("b", [5, 2, 2], { pad: 2 })], [
      4,
      3,
      1,
    ]],
    [[conv("a", [3, 1, 2], { pad: 1 }), conv("b", [1, 2, 3], { pad: 2 })], [
      3,
      3,
      1,
    ]],
    [[
      conv("a", [3, 1, 2], { pad: 1 }),
      norm("n", 2),
      conv("b", [3, 2, 2], { pad: 1 }),
      conv("c", [3, 2, 2], { pad: 1, stride: 2 }),
    ], [11, 13, 1]],
    [[conv("a", [3, 1, 2], { pad: 1 }), flat, full("b", 60, 4)], [5, 6, 1]],
    [[flat, full("a", 12, 7), full("b", 7, 3)], [2, 3, 2]],
  ];
  for (const [layers, shape] of nets) {
    const { layers: folded } = fold(layers, shape, true);
    assert.equal(
      folded.filter(({ kind }) => kind !== "flatten").length,
      1,
      kinds(layers),
    );
  }
});

Deno.test("max pooling and activations part what is folded", () => {
  const layers: PlainLayer[] = [
    conv("a", [3, 1, 2], { pad: 1 }),
    conv("b", [3, 2, 1], { pad: 1, seed: 2 }),
    { kind: "max-pool", size: 2 },
    conv("c", [3, 1, 2], { pad: 1, seed: 3 }),
    alpha(0, 0.3),
    conv("d", [3, 2, 1], { pad: 1, seed: 4 }),
    { kind: "activation", alpha: null },
    { kind: "flatten" },
    full("e", 12, 2),
    alpha(0, 0),
    full("f", 2, 2, 5),
  ];
  const { layers: folded, folds } = fold(layers, [8, 7, 1], true);
  assert.deepEqual(folds, [["a", "b"], ["e", "f"]]);
  assert.equal(
    kinds(folded),
    "bordered-conv2d max-pool conv2d activation conv2d activation flatten dense",
  );
});

Deno.test("a convolution with its batch norm is one layer, cheaper by a product per value", () => {
  const layers = [conv("a", [3, 1, 2], { pad: 1 }), norm("n", 2)];
  const { layers: folded } = fold(layers, [6, 6, 1]);
  assert.equal(kinds(folded), "conv2d");
  assert.equal(cost(layers, [6, 6, 1]) - cost(folded, [6, 6, 1]), 72);
});

Deno.test("snapAlphas() sets |α| ≤ ε to 0, each channel's by itself", () => {
  const layers = [alpha(-0.001), alpha(0.001, 0.0011), alpha(0.5)];
  assert.deepEqual(snapAlphas(layers, 0.001), [
    alpha(0),
    alpha(0, 0.0011),
    alpha(0.5),
  ]);
  const relu = { kind: "activation", alpha: null } as const;
  assert.deepEqual(snapAlphas([relu], 1), [relu]);
  // 0.002 of float32 lies above that of float64.
  assert.ok(Math.fround(0.002) > 0.002);
  assert.deepEqual(snapAlphas([alpha(Math.fround(-0.002))], 0.002), [alpha(0)]);
});
