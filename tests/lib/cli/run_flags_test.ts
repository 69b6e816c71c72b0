import assert from "node:assert/strict";
import { seedsOf } from "../../../lib/cli/run_flags.ts";

Deno.test("seedsOf() counts from --seed up to the generator's last", () => {
  assert.deepEqual(seedsOf({ seed: 3, seeds: 1 }), [3]);
  assert.deepEqual(seedsOf({ seed: 4294967294, seeds: 2 }), [
    ...[4294967294, 4294967295],
  ]);
  assert.throws(() => seedsOf({ seed: 4294967294, seeds: 3 }), {
    name: "UsageError",
    message:
      "Cannot parse --seeds: expected a last seed of at most 4294967295: got 4294967296",
  });
});
