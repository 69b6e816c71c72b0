import assert from "node:assert/strict";
import { deriveRandom } from "../../../lib/base/derive_random.ts";

Deno.test("deriveRandom() starts at the first 16 bytes of SHA-256 of seed and name", () => {
  // printf '0 subset 0' | sha256sum: 3946e88f 6712f2a9 7657e199 dbe3864e …
  assert.deepEqual(
    deriveRandom(0, "subset 0").state().map((word) => word >>> 0),
    [0x8fe84639, 0xa9f21267, 0x99e15776, 0x4e86e3db],
  );
});

Deno.test("deriveRandom() gives every seed and name numbers of its own", () => {
  const names = Array.from({ length: 500 }, (_, i) => `net 0 0.02 ${i}`);
  const seeds = [0, 1, 2 ** 32 - 1];
  const firsts = seeds.flatMap((seed) =>
    names.map((name) => deriveRandom(seed, name).uniform())
  );
  assert.equal(new Set(firsts).size, firsts.length);
  // Their mean is 1/2 ± 1/√(12 · 1500) = 0.0075.
  const mean = firsts.reduce((sum, value) => sum + value) / firsts.length;
  assert.ok(Math.abs(mean - 0.5) < 0.03, `${mean}`);
});

Deno.test("deriveRandom() refuses a seed that is none", () => {
  assert.throws(() => deriveRandom(-1, "a"), RangeError);
});
