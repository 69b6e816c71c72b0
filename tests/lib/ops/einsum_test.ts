import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { type Refusal, testOp } from "../../ops_suite.ts";
import { einsum } from "../../reference/einsum.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

interface Case {
  equation: string;
  dtype: keyof typeof SCALES;
  /** Labels' lengths. */
  sizes: Record<string, number>;
  large?: boolean;
}

/** A label's length: no two alike, and one with a tail. */
const SIZES: Record<string, number> = { a: 2, b: 3, c: 4, d: 5, e: 1, z: 0 };

const EQUATIONS = [
  "-> a->a a-> ab-> ab->a ab->b ab->ba abc->cab abcd->db z-> za->a az->za",
  ",-> a,-> a,->a ,ab->ba a,a-> a,a->a a,b->ab a,b->ba a,b->a a,b->b a,b->",
  "ab,b->a ab,bc->ac ab,bc->ca ba,cb->ac ab,ba-> ab,ab-> ab,ab->a ab,ab->ba",
  "dab,dbc->dac adb,bcd->cda abc,abd->acd abcd,cde->abe aecd,abcd->acbe",
  "aecd,abcd->abe abc,d->bd abd,cd-> abd,ca->c ae,eb->ab az,zb->ab",
  "za,zb->zab ab,z->",
].join(" ").split(" ");

const SCALES = { float32: 4, int32: 8, bool: 2 };

/** Numbers of which no sum rounds. */
function tensors({ equation, dtype, sizes }: Case) {
  return equation.split("->")[0]!.split(",").map((term, i) =>
    seededTensor(
      [...term].map((label) => sizes[label]!),
      i + 1,
      (value) =>
        dtype === "bool"
          ? Number(value > 0)
          : Math.round(value * SCALES[dtype]) / (dtype === "int32" ? 1 : 2),
    ).cast(
      dtype,
    )
  );
}

testOp<Case>({
  name: "tf.einsum()",
  tolerance: "exactly where no sum rounds",
  cases: {
    ...Object.fromEntries(
      (["float32", "int32", "bool"] as const).map((dtype) => [
        dtype,
        EQUATIONS.map((equation) => ({ equation, dtype, sizes: SIZES })),
      ]),
    ),
    "large": ["bij,jbk->kbi", "bij,jbk->b"].map((equation) => ({
      equation,
      dtype: "float32" as const,
      sizes: { b: 3, i: 40, j: 65, k: 70 },
      large: true,
    })),
  },
  compute: (c) => ({ y: tf.einsum(c.equation, ...tensors(c)) }),
  expect(c) {
    const { equation, dtype, sizes, large } = c;
    if (large) return;
    const inputs = tensors(c);
    const labels = [...equation.split("->")[1]!];
    const sums = equation.includes(",") || inputs[0]!.rank > labels.length;
    const values = einsum(
      equation,
      inputs.map((x) => ({ values: x.dataSync(), shape: x.shape })),
    );
    return {
      y: {
        dtype: sums && dtype === "bool" ? "int32" : dtype,
        shape: labels.map((label) => sizes[label]!),
        values,
      },
    };
  },
  refusals,
  also: {
    "float32 and int32 are float32"() {
      const a = tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32");
      const y = tf.einsum("ij,jk->ik", a, tf.tensor2d([[0.5, 0], [0, 1]]));
      assert.equal(y.dtype, "float32");
      assert.deepEqual([...y.dataSync()], [0.5, 2, 1.5, 4]);
    },
    "what changes nothing leaves its input its data"() {
      const x = tf.tensor1d([1, 2]);
      const y = tf.einsum("i->i", x);
      x.dispose();
      tf.tidy(() => void tf.fill([2], 7));
      assert.deepEqual([...y.dataSync()], [1, 2]);
    },
  },
});

function refusals(): Refusal[] {
  const x = tf.zeros([2, 3]), square = tf.zeros([2, 2]);
  const cases: [string, tf.Tensor[], RegExp][] = [
    ["ij", [x], /without an arrow/],
    ["ij->k", [x], /label k/],
    ["ii->i", [square], /duplicate axes/],
    ["ij,jk->ik", [x, x], /Expected dimension 3 .* got dimension 2/],
    ["ij,ij->", [x], /Expected 2 input tensors, received 1/],
    [
      "ijk->",
      [x],
      /^Cannot compute einsum ijk->: tensor 0 must have rank 3: got \[2,3\]$/,
    ],
    [
      "i->",
      [x],
      /^Cannot compute einsum i->: tensor 0 must have rank 1: got \[2,3\]$/,
    ],
    [
      "ij->iji",
      [x],
      /^Cannot compute einsum ij->iji: the output must have no label twice: got iji$/,
    ],
  ];
  return cases.map(([equation, tensors, message]) => [
    () => tf.einsum(equation, ...tensors),
    /Cannot compute/.test(message.source) ? "RangeError" : "Error",
    message,
  ]);
}
