import assert from "node:assert/strict";
import { parseNpz } from "../../../lib/data/read_npz.ts";
import { npyOf, zipOf } from "./fixtures/write_npz.ts";

const golden = (name: string) =>
  Deno.readFileSync(new URL(`golden/${name}`, import.meta.url));

for (const name of ["stored.npz", "deflated.npz"]) {
  Deno.test({
    name: `parseNpz() reads what numpy writes, ${name}, with no permissions`,
    permissions: { read: [new URL("golden", import.meta.url)] },
    fn: async () => {
      const arrays = await parseNpz(
        golden(name),
        ["pixels", "ids32", "ids64", "value", "nothing"],
        name,
      );
      assert.deepEqual(arrays, {
        pixels: {
          shape: [2, 3],
          data: new Uint8Array([0, 1, 2, 3, 4, 255]),
        },
        ids32: { shape: [2, 1], data: new Int32Array([7, -1]) },
        ids64: {
          shape: [3],
          data: new BigInt64Array([1n, 2n, -(2n ** 40n)]),
        },
        value: { shape: [], data: new Uint8Array([9]) },
        nothing: { shape: [0, 28, 28], data: new Uint8Array() },
      });
    },
  });
}

Deno.test("parseNpz() names the array that it does not read, and why", async () => {
  const reasons = {
    floats: "values must be |u1, <i4, <i8: got <f4",
    big_endian: "values must be |u1, <i4, <i8: got >i4, big-endian values",
    fortran: "values must be in C's order, rows first: got Fortran's order",
    objects: "values must be |u1, <i4, <i8: got |O, Python objects",
    records: "values must be |u1, <i4, <i8: got records",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    await assert.rejects(parseNpz(golden("stored.npz"), [name], "a.npz"), {
      name: "SyntaxError",
      message: `Cannot parse ${name}.npy of a.npz: ${reason}`,
    });
  }
});

Deno.test("parseNpz() says which array is missing and which there are", async () => {
  const values = npyOf({ shape: [1], values: [1] });
  const bytes = await zipOf({ "a.npy": values, "b.npy": values });
  await assert.rejects(parseNpz(bytes, ["a", "c"], "x.npz"), {
    message: "Cannot read x.npz: it must hold c.npy: got a.npy, b.npy",
  });
  await assert.rejects(parseNpz(await zipOf({}), ["c"], "x.npz"), {
    message: "Cannot read x.npz: it must hold c.npy: got an empty archive",
  });
});

Deno.test("parseNpz() names ten of many arrays, and how many there are", async () => {
  const names = Array.from({ length: 12 }, (_, i) => `${i}.npy`);
  const bytes = await zipOf(
    Object.fromEntries(names.map((name) => [name, new Uint8Array()])),
  );
  await assert.rejects(parseNpz(bytes, ["c"], "x.npz"), {
    message: `Cannot read x.npz: it must hold c.npy: got ${
      names.slice(0, 10).join(", ")
    }, 12 in all`,
  });
});

Deno.test("parseNpz() refuses an archive truncated anywhere in one line", async () => {
  const bytes = golden("deflated.npz");
  for (let length = 0; length < bytes.length; length += 7) {
    await assert.rejects(
      parseNpz(bytes.subarray(0, length), ["pixels"], "x.npz"),
      /^Error: Cannot unpack x\.npz: zip data must be whole and undamaged: got [^\n]+$/,
    );
  }
});

Deno.test("parseNpz() reads the right values or refuses, whichever byte is damaged", async () => {
  for (const name of ["stored.npz", "deflated.npz"]) {
    const whole = golden(name);
    const expected = await parseNpz(whole, ["pixels", "ids64"], "x.npz");
    let refused = 0;
    for (let offset = 0; offset < whole.length; offset += 3) {
      const bytes = whole.slice();
      bytes[offset]! ^= 0x10;
      try {
        assert.deepEqual(
          await parseNpz(bytes, ["pixels", "ids64"], "x.npz"),
          expected,
        );
      } catch (error) {
        assert.match((error as Error).message, /^Cannot [^\n]+: got [^\n]+$/);
        refused++;
      }
    }
    assert.ok(refused > 40, `${refused} refused`);
  }
});

Deno.test("parseNpz() names the array whose CRC-32 is wrong", async () => {
  const bytes = golden("stored.npz");
  const pixels = new Uint8Array([0, 1, 2, 3, 4, 255]);
  const at = bytes.findIndex((_, i) =>
    pixels.every((pixel, j) => bytes[i + j] === pixel)
  );
  bytes[at] = 77;
  await assert.rejects(parseNpz(bytes, ["pixels"], "x.npz"), {
    message:
      "Cannot unpack pixels.npy of x.npz: zip data must be whole and undamaged: got Invalid CRC32",
  });
});

Deno.test("parseNpz() reads an archive that was packed anew with its folder, where that is plain", async () => {
  const of = (value: number) => npyOf({ shape: [1], values: [value] });
  const repacked = await zipOf({
    "__MACOSX/x/._a.npy": new Uint8Array([0, 5, 22, 7]),
    "x/a.npy": of(7),
  });
  const { a } = await parseNpz(repacked, ["a"], "x.npz");
  assert.deepEqual(a.data, new Uint8Array([7]));
  const right = await zipOf({ "x/a.npy": of(7), "a.npy": of(8) });
  assert.deepEqual((await parseNpz(right, ["a"], "x.npz")).a.data[0], 8);
  const twice = await zipOf({ "x/a.npy": of(7), "y/a.npy": of(8) });
  await assert.rejects(parseNpz(twice, ["a"], "x.npz"), {
    message: "Cannot read x.npz: it must hold a.npy: got x/a.npy, y/a.npy",
  });
});
