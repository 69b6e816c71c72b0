import assert from "node:assert/strict";
import {
  openSharedDataset,
  shareDataset,
} from "../../../lib/data/share_dataset.ts";
import type { ValidatedDataset } from "../../../lib/data/splits.ts";

Deno.test("shareDataset() has the same pixels in memory that a clone shares", () => {
  const whole = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const split = (from: number, to: number) => ({
    images: whole.subarray(from, to),
    labels: Int32Array.of(7, 8).subarray(0, to - from),
    count: to - from,
  });
  const dataset = {
    name: "six",
    train: split(0, 2),
    validation: split(2, 3),
    test: split(3, 6),
  } as unknown as ValidatedDataset;
  const shared = shareDataset(dataset);
  const opened = openSharedDataset(shared);
  assert.deepEqual(opened, dataset);
  const inWorker = openSharedDataset(structuredClone(shared));
  assert.deepEqual(inWorker, dataset);
  for (const name of ["train", "validation", "test"] as const) {
    inWorker[name].images[0] = 99;
    assert.equal(opened[name].images[0], 99);
    assert.notEqual(dataset[name].images[0], 99);
  }
});
