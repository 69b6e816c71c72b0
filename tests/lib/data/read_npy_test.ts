import assert from "node:assert/strict";
import fc from "fast-check";
import { parseNpy } from "../../../lib/data/read_npy.ts";
import { npyOf } from "./fixtures/write_npz.ts";

const golden = (name: string) =>
  Deno.readFileSync(new URL(`golden/${name}`, import.meta.url));

const matrix = npyOf({ shape: [2, 3], values: [0, 1, 2, 3, 4, 255] });

const parseError = (reason: string) => ({
  name: "SyntaxError",
  message: `Cannot parse m: ${reason}`,
});

Deno.test("parseNpy() reads what numpy writes in the versions 1, 2 and 3", () => {
  for (const version of [1, 2, 3]) {
    const { shape, data } = parseNpy(golden(`version_${version}.npy`), "m");
    assert.deepEqual(shape, [2, 3]);
    assert.deepEqual(data, new Uint8Array([0, 1, 2, 3, 4, 255]));
  }
});

Deno.test("npyOf() writes the same bytes as numpy", () => {
  assert.deepEqual(matrix, golden("version_1.npy"));
});

Deno.test("parseNpy() returns a view of unsigned bytes, also of a view", () => {
  const longer = new Uint8Array([9, 9, 9, ...matrix]);
  const { data } = parseNpy(longer.subarray(3), "m");
  assert.equal(data.buffer, longer.buffer);
  assert.deepEqual([...data], [0, 1, 2, 3, 4, 255]);
});

Deno.test("parseNpy() reads int32 and int64 at any offset", () => {
  const values = [0xfe, 0xff, 0xff, 0xff, 1, 1, 0, 0];
  for (let offset = 0; offset < 8; offset++) {
    const parsed = (type: string, shape: number[]) => {
      const bytes = npyOf({ type, shape, values });
      const moved = new Uint8Array(offset + bytes.length);
      moved.set(bytes, offset);
      return parseNpy(moved.subarray(offset), "m").data;
    };
    assert.deepEqual(parsed("<i4", [2]), new Int32Array([-2, 257]));
    assert.deepEqual(
      parsed("<i8", [1]),
      new BigInt64Array([257n * 2n ** 32n + 0xffff_fffen]),
    );
  }
});

Deno.test("parseNpy() reads back an array of any shape", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(5), { maxLength: 4 }),
    fc.infiniteStream(fc.nat(255)),
    (shape, stream) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = [...stream.take(size)];
      const parsed = parseNpy(npyOf({ shape, values }), "m");
      assert.deepEqual(parsed.shape, shape);
      assert.deepEqual([...parsed.data], values);
    },
  ));
});

Deno.test("parseNpy() reads a header in another order and with other quotes", () => {
  const text = new TextDecoder("latin1").decode(matrix.subarray(10, 128));
  const other = '{"shape": (2,3), "descr":"|u1", "fortran_order":False}'
    .padEnd(text.length - 1) + "\n";
  const bytes = matrix.slice();
  bytes.set(new TextEncoder().encode(other), 10);
  assert.deepEqual(parseNpy(bytes, "m"), parseNpy(matrix, "m"));
});

/** An array of 2×3 bytes under a header of one's own. */
function withText(header: string, version = 1): Uint8Array {
  const length = version === 1 ? [117, 0] : [115, 0, 0, 0];
  const text = new TextEncoder().encode(`${header.padEnd(length[0]! - 1)}\n`);
  const magic = matrix.subarray(0, 6), values = matrix.subarray(-6);
  return Uint8Array.of(...magic, version, 0, ...length, ...text, ...values);
}

Deno.test("parseNpy() reads the headers of Python 2 and of cnpy", () => {
  const rest = "'fortran_order': False";
  for (
    const header of [
      `{'descr': '|u1', ${rest}, 'shape': (2L, 3L), }`, // of a Windows numpy
      `{'descr': '|u1', ${rest}, 'shape': ( 2 L,3L ,)}`,
      `{u'descr': u'|u1', ${rest}, u'shape': (2, 3L)}`,
      `{"descr": u"|u1", ${rest}, "shape": (2L, 3)}`,
      `{'descr': '<u1', ${rest}, 'shape': (2, 3), }`,
      `{'descr': 'u1', ${rest}, 'shape': (2, 3), }`,
    ]
  ) {
    for (const version of [1, 2]) {
      const parsed = parseNpy(withText(header, version), "m");
      assert.deepEqual(parsed, parseNpy(matrix, "m"), header);
    }
  }
});

Deno.test("parseNpy() refuses what numpy refuses in a shape", () => {
  const refused = (shape: string, version = 1) =>
    assert.throws(
      () =>
        parseNpy(
          withText(
            `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}}`,
            version,
          ),
          "m",
        ),
      /^SyntaxError: Cannot parse m: header must have descr, fortran_order and shape: got /,
    );
  for (
    const shape of ["(2LL, 3)", "(L2, 3)", "(2l, 3)", "(2 3)", "L"]
  ) {
    refused(shape);
  }
  refused("(2L, 3L)", 3); // Python 2 had no version 3
  refused(`(${"2".repeat(80)}x)`);
});

Deno.test("parseNpy() refuses types it does not read, and says which", () => {
  const types = new Map([
    [">i4", ">i4, big-endian values"],
    ["|O", "|O, Python objects"],
    ["O", "O, Python objects"],
    ["<f4", "<f4"],
    ["|i1", "|i1"],
    ["<U3", "<U3"],
    ["|b1", "|b1"],
  ]);
  for (const [type, name] of types) {
    assert.throws(
      () => parseNpy(npyOf({ type, shape: [1], values: [0] }), "m"),
      parseError(`values must be |u1, <i4, <i8: got ${name}`),
    );
  }
});

Deno.test("parseNpy() refuses Fortran's order", () => {
  assert.throws(
    () =>
      parseNpy(npyOf({ fortran: true, shape: [2, 1], values: [0, 1] }), "m"),
    parseError(
      "values must be in C's order, rows first: got Fortran's order",
    ),
  );
});

Deno.test("parseNpy() refuses a bad magic, a version to come, a header without an entry", () => {
  const changed = (offset: number, ...values: number[]) => {
    const bytes = matrix.slice();
    bytes.set(values, offset);
    return bytes;
  };
  assert.throws(
    () => parseNpy(changed(1, 0x6e), "m"),
    parseError("magic must be 934e554d5059: got 936e554d5059"),
  );
  for (const version of [0, 4]) {
    assert.throws(
      () => parseNpy(changed(6, version), "m"),
      parseError(`version must be 1, 2 or 3: got ${version}`),
    );
  }
  const key = new TextDecoder("latin1").decode(matrix).indexOf("shape");
  assert.throws(
    () => parseNpy(changed(key, 0x53), "m"),
    /^SyntaxError: Cannot parse m: header must have descr, fortran_order and shape: got "\{'descr': [^\n]+\}"$/,
  );
});

Deno.test("parseNpy() refuses bytes truncated anywhere, and bytes too many", () => {
  const reasonAt = (length: number) =>
    length < 6
      ? `magic must be 934e554d5059: got ${
        matrix.subarray(0, length).toHex() || "none"
      }`
      : length < 12
      ? `magic and header must have 12 bytes: got ${length}`
      : length < 128
      ? `header must have 118 bytes: got ${length - 10}`
      : `shape 2×3 must be followed by 6 bytes: got ${length - 128}`;
  for (let length = 0; length < matrix.length; length++) {
    assert.throws(
      () => parseNpy(matrix.subarray(0, length), "m"),
      parseError(reasonAt(length)),
    );
  }
  assert.throws(
    () => parseNpy(new Uint8Array([...matrix, 0]), "m"),
    parseError("shape 2×3 must be followed by 6 bytes: got 7"),
  );
});

Deno.test("parseNpy() refuses a header longer than numpy's, and quotes no long one", () => {
  const withHeader = (header: string) =>
    // deno-fmt-ignore
    new Uint8Array([
      ...matrix.subarray(0, 6),
      2, 0, header.length & 255, header.length >> 8, 0, 0,
      ...new TextEncoder().encode(header),
    ]);
  // The low bytes alone would be 118, as long as the header is.
  assert.throws(
    () =>
      parseNpy(
        new Uint8Array([...matrix.subarray(0, 6), 2, 0, 118, 0, 1, 0]),
        "m",
      ),
    parseError(`header must have at most 10000 bytes: got ${2 ** 16 + 118}`),
  );
  const noise = " ".repeat(9_999);
  assert.throws(
    () => parseNpy(withHeader(`x${noise}x`), "m"),
    parseError("header must have at most 10000 bytes: got 10001"),
  );
  assert.throws(
    () => parseNpy(withHeader(`x${noise}`), "m"),
    parseError('header must have descr, fortran_order and shape: got "x"'),
  );
  assert.throws(
    () => parseNpy(withHeader("x".repeat(10_000)), "m"),
    parseError(
      `header must have descr, fortran_order and shape: got "${
        "x".repeat(200)
      }"`,
    ),
  );
});

Deno.test("parseNpy() parses any bytes or throws one line that names the file", () => {
  fc.assert(fc.property(
    fc.nat(matrix.length - 1),
    fc.uint8Array({ maxLength: 40 }),
    (offset, noise) => {
      const bytes = matrix.slice();
      bytes.set(noise.subarray(0, bytes.length - offset), offset);
      try {
        parseNpy(bytes, "some-file");
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
        assert.match(
          error.message,
          /^Cannot parse some-file: [^\n\r]+: got [^\n\r]+$/,
        );
      }
    },
  ));
});
