import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { assertSameValues } from "../../assert_same_values.ts";
import { einsum } from "../../reference/einsum.ts";
import { withBackend } from "../../with_backend.ts";
import { assertSameAtThreads } from "./fixtures/assert_same_at_threads.ts";
import { seededTensor } from "./fixtures/seeded_tensor.ts";

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
function tensors(equation: string, dtype: keyof typeof SCALES) {
  return equation.split("->")[0]!.split(",").map((term, i) =>
    seededTensor(
      [...term].map((label) => SIZES[label]!),
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

for (const dtype of ["float32", "int32", "bool"] as const) {
  Deno.test(`tf.einsum() is the sum of products that the equation says (${dtype})`, async () => {
    await withBackend({ threads: 2 }, () => {
      for (const equation of EQUATIONS) {
        const before = tf.memory().numDataBuffers;
        tf.tidy(() => {
          const inputs = tensors(equation, dtype);
          const y = tf.einsum(equation, ...inputs);
          const labels = [...equation.split("->")[1]!];
          assert.deepEqual(y.shape, labels.map((l) => SIZES[l]!), equation);
          const sums = equation.includes(",") ||
            inputs[0]!.rank > labels.length;
          const sumType = dtype === "bool" ? "int32" : dtype;
          assert.equal(y.dtype, sums ? sumType : dtype, equation);
          const expected = einsum(
            equation,
            inputs.map((x) => ({ values: x.dataSync(), shape: x.shape })),
          );
          const plus0 = Array.from(y.dataSync(), (value) => value + 0);
          assertSameValues(plus0, expected.map((v) => v + 0), equation);
        });
        assert.equal(tf.memory().numDataBuffers, before, equation);
      }
    });
  });
}

Deno.test("tf.einsum() of float32 and int32 is float32", async () => {
  await withBackend({ threads: 1 }, () => {
    const a = tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32");
    const y = tf.einsum("ij,jk->ik", a, tf.tensor2d([[0.5, 0], [0, 1]]));
    assert.equal(y.dtype, "float32");
    assert.deepEqual([...y.dataSync()], [0.5, 2, 1.5, 4]);
  });
});

Deno.test("tf.einsum() that changes nothing leaves its input its data", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.tensor1d([1, 2]);
    const y = tf.einsum("i->i", x);
    x.dispose();
    tf.tidy(() => void tf.fill([2], 7));
    assert.deepEqual([...y.dataSync()], [1, 2]);
  });
});

Deno.test("tf.einsum() has the same bits at any number of threads", async () => {
  await assertSameAtThreads(() => {
    const a = seededTensor([3, 40, 65], 1), b = seededTensor([65, 3, 70], 2);
    return [tf.einsum("bij,jbk->kbi", a, b), tf.einsum("bij,jbk->b", a, b)];
  });
});

Deno.test("tf.einsum() refuses what it cannot read or what does not fit", async () => {
  await withBackend({ threads: 1 }, () => {
    const x = tf.zeros([2, 3]);
    const cases: [string, tf.Tensor[], RegExp][] = [
      ["ij", [x], /without an arrow/],
      ["ij->k", [x], /label k/],
      ["ii->i", [tf.zeros([2, 2])], /duplicate axes/],
      ["ij,jk->ik", [x, x], /Expected dimension 3 .* got dimension 2/],
      ["ij,ij->", [x], /Expected 2 input tensors, received 1/],
      [
        "ijk->",
        [x],
        /^RangeError: Cannot compute einsum ijk->: tensor 0 must have rank 3: got \[2,3\]$/,
      ],
      [
        "i->",
        [x],
        /^RangeError: Cannot compute einsum i->: tensor 0 must have rank 1: got \[2,3\]$/,
      ],
      [
        "ij->iji",
        [x],
        /^RangeError: Cannot compute einsum ij->iji: the output must have no label twice: got iji$/,
      ],
    ];
    for (const [equation, tensors, message] of cases) {
      assert.throws(() => tf.einsum(equation, ...tensors), message, equation);
    }
  });
});
