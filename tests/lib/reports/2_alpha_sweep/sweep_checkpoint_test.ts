import assert from "node:assert/strict";
import {
  finishedNets,
  sweepCheckpoint,
} from "../../../../lib/reports/2_alpha_sweep/sweep_checkpoint.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../../lib/run/checkpoint.ts";

const NETS = [
  ["subset 0, λ 0.02, run 10", 0.5],
  ["subset 0, λ 0.02, run 9", 0.75],
  ["subset 1, λ 0, run 0", 0.25],
].map(([name, testAccuracy], i) =>
  [name as string, {
    testAccuracy: testAccuracy as number,
    trajectory: Float32Array.of(i, 0.1, 0.2, 0.3, 0.4, 0.5),
  }] as const
);

Deno.test("finishedNets() gets back what sweepCheckpoint() was given", () => {
  const bytes = encodeCheckpoint(sweepCheckpoint(new Map(NETS)));
  const nets = finishedNets(decodeCheckpoint(bytes, "test"));
  assert.deepEqual(nets, new Map(NETS));
  assert.deepEqual(finishedNets(null), new Map());
});

Deno.test("sweepCheckpoint() gives the same bytes in any order", () => {
  const bytes = encodeCheckpoint(sweepCheckpoint(new Map(NETS)));
  const reversed = new Map(NETS.toReversed());
  assert.deepEqual(encodeCheckpoint(sweepCheckpoint(reversed)), bytes);
});
