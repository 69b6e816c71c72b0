/**
 * Calls every kernel of the backend with drawn shapes, dtypes, attributes and
 * values on guarded tensors, and compares with TF.js's cpu backend or float64
 * loops. `deno task fuzz` does the same for longer.
 */
import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { EXCEPTIONS } from "./fuzz/exceptions.ts";
import { kernelContext } from "../lib/wasm/kernel_context.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { guardHeap } from "./guarded_heap.ts";
import { KERNEL_TABLE } from "./fuzz/kernel_table.ts";
import { withBackend } from "./with_backend.ts";

/** Calls of each kernel and build: some 40 s in all on an idle machine. */
const CASES = 240;

Deno.test("each kernel of the backend is fuzzed, or is left out for a reason", async () => {
  await withBackend({ threads: 1 }, () => {
    const registered = tf.getKernelsForBackend("wasm")
      .map(({ kernelName }) => kernelName);
    const known = [...Object.keys(KERNEL_TABLE), ...Object.keys(EXCEPTIONS)];
    assert.deepEqual(known.toSorted(), registered.toSorted());
  });
});

// The kernels of 256 bits too, here with all accesses checked.
for (const [i, simd] of (["relaxed", "wide"] as const).entries()) {
  Deno.test(`no kernel writes outside of its tensors or is off by more than its bound: ${simd}`, async () => {
    await withBackend({ threads: 2, simd }, async (backend) => {
      const heap = guardHeap(backend);
      heap.guardScratch(kernelContext("fuzz"));
      const options = { seed: 11, from: i * CASES, cases: CASES };
      const faults = await fuzz(KERNEL_TABLE, heap, options);
      assert.equal(faults.length, 0, faults.slice(0, 9).join("\n"));
    });
  });
}

Deno.test("guardHeap() sees a byte that is written before or after a tensor", async () => {
  await withBackend({ threads: 1 }, (backend) => {
    const heap = guardHeap(backend);
    const x = tf.zeros([5], "bool");
    const { memoryOffset } = (tf.backend() as unknown as {
      dataIdMap: { get(id: object): { memoryOffset: number } };
    }).dataIdMap.get(x.dataId);
    const bytes = new Uint8Array(backend.memory.buffer);
    for (const at of [-1, 5]) {
      assert.deepEqual(heap.faults(), []);
      bytes[memoryOffset + at] = 1;
      assert.deepEqual(heap.faults(), [
        `bytes ${at} to ${at} of a block of 5 bytes`,
      ]);
    }
    bytes[memoryOffset + 4] = 1;
    assert.deepEqual(heap.faults(), []);
    x.dispose();
  });
});
