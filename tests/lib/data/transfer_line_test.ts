import assert from "node:assert/strict";
import { transferLine } from "../../../lib/data/transfer_line.ts";

const state = {
  name: "octmnist.npz",
  done: 3_400_000,
  total: 9_912_422,
  bytesPerSecond: 1_250_000,
};

Deno.test("transferLine() shows percent, megabytes, speed and the time left", () => {
  assert.equal(
    transferLine(state, 79),
    "octmnist.npz  34 %  3.4 of 9.9 MB  1.3 MB/s  ETA 5.2 s",
  );
});

Deno.test("transferLine() leaves out what it does not know", () => {
  assert.equal(
    transferLine({ ...state, total: undefined }, 79),
    "octmnist.npz  3.4 MB  1.3 MB/s",
  );
  assert.equal(
    transferLine({ ...state, bytesPerSecond: 0 }, 79),
    "octmnist.npz  34 %  3.4 of 9.9 MB  0.0 MB/s",
  );
});

Deno.test("transferLine() stays within its width", () => {
  for (let width = 0; width < 60; width++) {
    assert.ok(transferLine(state, width).length <= width);
  }
});
