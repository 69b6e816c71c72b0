import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { parseIdx, readIdx } from "../../../lib/data/read_idx.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

// Written out from the format's description at yann.lecun.com/exdb/mnist.
// deno-fmt-ignore
const matrix = new Uint8Array([
  0, 0, 8, 2, // Unsigned bytes, 2 dimensions.
  0, 0, 0, 2,
  0, 0, 0, 3,
  1, 2, 3, 4, 5, 255,
]);
// `sha256sum` of the same bytes.
const matrixSha256 =
  "4a458d8d9d265f97b5961d75fa67666b79fe6766e5136efa2589f7f2dc77053b";

const parseError = (reason: string) => ({
  name: "SyntaxError",
  message: `Cannot parse m: ${reason}`,
});

Deno.test("parseIdx() reads shape and values", () => {
  const { shape, data } = parseIdx(matrix, "m");
  assert.deepEqual(shape, [2, 3]);
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 255]);
});

Deno.test("parseIdx() returns a view, also of a view", () => {
  const longer = new Uint8Array([9, 9, 9, ...matrix]);
  const { data } = parseIdx(longer.subarray(3), "m");
  assert.equal(data.buffer, longer.buffer);
  longer[longer.length - 1] = 77;
  assert.deepEqual([...data], [1, 2, 3, 4, 5, 77]);
});

Deno.test("parseIdx() reads sizes as big endian", () => {
  const bytes = new Uint8Array(8 + 0x0102);
  bytes.set([0, 0, 8, 1, 0, 0, 1, 2]);
  assert.deepEqual(parseIdx(bytes, "m").shape, [0x0102]);
});

Deno.test("parseIdx() reads an array with no values", () => {
  const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 0]);
  const { shape, data } = parseIdx(bytes, "m");
  assert.deepEqual(shape, [0]);
  assert.equal(data.length, 0);
});

Deno.test("parseIdx() reads back an array of any shape", () => {
  fc.assert(fc.property(
    fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fc.nat(255)),
    (shape, values) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const data = [...values.take(size)];
      const sizes = shape.flatMap((length) => [0, 0, 0, length]);
      const bytes = [0, 0, 8, shape.length, ...sizes, ...data];
      const parsed = parseIdx(Uint8Array.from(bytes), "m");
      assert.deepEqual(parsed.shape, shape);
      assert.deepEqual([...parsed.data], data);
    },
  ));
});

Deno.test("parseIdx() parses any bytes or throws one line that names the file", () => {
  const header = fc.constantFrom([], [0, 0], [0, 0, 8], [0, 0, 8, 1]);
  fc.assert(fc.property(header, fc.uint8Array(), (start, rest) => {
    try {
      parseIdx(new Uint8Array([...start, ...rest]), "some-file");
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
      assert.match(error.message, /^Cannot parse some-file: [^\n]+: got \w.*$/);
    }
  }));
});

Deno.test("parseIdx() rejects a bad magic", () => {
  const reason = "magic must be 000008 and the number of dimensions: got ";
  const magics = new Map([
    ["1f8b0808", [0x1f, 0x8b, 8, 8]], // gzip
    ["00010801", [0, 1, 8, 1]],
    ["00000701", [0, 0, 7, 1]], // no such type
    ["00000800", [0, 0, 8, 0]], // no dimension
  ]);
  for (const [hex, magic] of magics) {
    const bytes = new Uint8Array([...magic, ...matrix.subarray(4)]);
    assert.throws(() => parseIdx(bytes, "m"), parseError(reason + hex));
  }
});

Deno.test("parseIdx() rejects the format's other types by their names", () => {
  const names = new Map([
    [0x09, "signed bytes"],
    [0x0b, "16-bit integers"],
    [0x0c, "32-bit integers"],
    [0x0d, "32-bit floats"],
    [0x0e, "64-bit floats"],
  ]);
  for (const [type, name] of names) {
    const bytes = matrix.slice();
    bytes[2] = type;
    assert.throws(
      () => parseIdx(bytes, "m"),
      parseError(`values must be unsigned bytes: got ${name}`),
    );
  }
});

Deno.test("parseIdx() rejects bytes truncated anywhere", () => {
  const reasonAt = (length: number) =>
    length < 4
      ? "magic must have 4 bytes"
      : length < 12
      ? "header of 2 dimensions must have 12 bytes"
      : "shape 2×3 must be followed by 6 bytes";
  for (let length = 0; length < matrix.length; length++) {
    const actual = length < 12 ? length : length - 12;
    assert.throws(
      () => parseIdx(matrix.subarray(0, length), "m"),
      parseError(`${reasonAt(length)}: got ${actual}`),
    );
  }
});

Deno.test("parseIdx() rejects trailing garbage", () => {
  assert.throws(
    () => parseIdx(new Uint8Array([...matrix, 0]), "m"),
    parseError("shape 2×3 must be followed by 6 bytes: got 7"),
  );
});

Deno.test("readIdx() reads a plain and a gzipped file, whatever their names", async () => {
  await inTemporaryDirectory(async (directory) => {
    const files = { plain: matrix, "plain.gz": matrix };
    const packed = { packed: gzipSync(matrix), "packed.gz": gzipSync(matrix) };
    for (const [name, bytes] of Object.entries({ ...files, ...packed })) {
      const path = join(directory, name);
      await Deno.writeFile(path, bytes);
      const { shape, data } = await readIdx(path, { sha256: matrixSha256 });
      assert.deepEqual(shape, [2, 3]);
      assert.deepEqual([...data], [1, 2, 3, 4, 5, 255]);
    }
  });
});

Deno.test("readIdx() rejects content with another SHA-256", async () => {
  await inTemporaryDirectory(async (directory) => {
    const path = join(directory, "matrix");
    await Deno.writeFile(path, matrix);
    const sha256 = "0".repeat(64);
    await assert.rejects(readIdx(path, { sha256 }), {
      name: "Error",
      message:
        `Cannot read ${path}: SHA-256 of the unpacked content must be ${sha256}: got ${matrixSha256}`,
    });
  });
});

Deno.test("readIdx() names the file that is truncated, as gzip and as IDX", async () => {
  await inTemporaryDirectory(async (directory) => {
    const path = join(directory, "matrix");
    await Deno.writeFile(path, gzipSync(matrix).subarray(0, -5));
    await assert.rejects(readIdx(path), {
      message:
        `Cannot unpack ${path}: gzip data must be whole and undamaged: got unexpected end of file`,
    });
    await Deno.writeFile(path, gzipSync(matrix.subarray(0, -5)));
    await assert.rejects(readIdx(path), {
      message:
        `Cannot parse ${path}: shape 2×3 must be followed by 6 bytes: got 1`,
    });
  });
});

Deno.test("readIdx() rejects a missing file", async () => {
  await inTemporaryDirectory(async (directory) => {
    const path = join(directory, "absent");
    await assert.rejects(readIdx(path), (error: Error) => {
      assert.equal(
        error.message,
        `Cannot read ${path}: file must exist and be readable: got no such file`,
      );
      assert.ok(error.cause instanceof Deno.errors.NotFound);
      return true;
    });
  });
});

Deno.test("readIdx() rejects a directory in one line", async () => {
  await inTemporaryDirectory(async (directory) => {
    await assert.rejects(readIdx(directory), (error: Error) => {
      const start =
        `Cannot read ${directory}: file must exist and be readable: got `;
      assert.ok(error.message.startsWith(start));
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
});

Deno.test({
  name: "readIdx() reports a missing permission in one line",
  permissions: { read: false },
  async fn() {
    await assert.rejects(readIdx("some-file"), (error: Error) => {
      assert.match(error.message, /^Cannot read some-file: .*read access.*$/);
      assert.ok(error.cause instanceof Deno.errors.NotCapable);
      return true;
    });
  },
});
