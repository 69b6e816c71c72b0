import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  checkFile,
  isPublished,
  sha256Of,
  unpackGzip,
} from "../../../lib/data/data_file.ts";

// `printf alphalab | gzip -n`, gzip 1.12, then `xxd`.
const PACKED = Uint8Array.from(
  "1f8b08000000000000034bcc29c848cc494c02002090188a08000000".match(/../g)!,
  (byte) => parseInt(byte, 16),
);
const TEXT = new TextEncoder().encode("alphalab");

const errorOf = (reason: string) => ({
  name: "Error",
  message:
    `Cannot unpack a.gz: gzip data must be whole and undamaged: got ${reason}`,
});

Deno.test("unpackGzip() unpacks what gzip packed", () => {
  assert.deepEqual(unpackGzip(PACKED, "a.gz"), TEXT);
});

Deno.test("unpackGzip() is the inverse of gzip for any content", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (content) => {
    const unpacked = unpackGzip(new Uint8Array(gzipSync(content)), "a.gz");
    assert.deepEqual([...unpacked], [...content]);
  }));
});

Deno.test("unpackGzip() returns plain bytes as the same array", () => {
  const halfMagics = [[], [0x1f], [0x1f, 0], [0, 0x8b]];
  for (const plain of [TEXT, ...halfMagics.map((m) => new Uint8Array(m))]) {
    assert.equal(unpackGzip(plain, "a"), plain);
  }
});

Deno.test("unpackGzip() rejects data truncated after any byte", () => {
  for (let length = 2; length < PACKED.length; length++) {
    assert.throws(
      () => unpackGzip(PACKED.subarray(0, length), "a.gz"),
      errorOf("unexpected end of file"),
    );
  }
});

Deno.test("unpackGzip() rejects a damaged header, content, checksum and length", () => {
  const reasons = new Map([
    [2, "unknown compression method"],
    [12, "incorrect data check"],
    [PACKED.length - 8, "incorrect data check"],
    [PACKED.length - 4, "incorrect length check"],
  ]);
  for (const [index, reason] of reasons) {
    const damaged = PACKED.slice();
    damaged[index]! ^= 0x01;
    assert.throws(() => unpackGzip(damaged, "a.gz"), errorOf(reason));
  }
});

Deno.test("unpackGzip() rejects trailing garbage", () => {
  const longer = new Uint8Array([...PACKED, 1, 2, 3]);
  assert.throws(
    () => unpackGzip(longer, "a.gz"),
    errorOf("incorrect header check"),
  );
});

const bytes = new TextEncoder().encode("hello\n");
// `printf 'hello\n' | sha256sum` and md5sum.
const sha256 =
  "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
const md5 = "b1946ac92492d2347c6235b4d2611184";

const plain = {
  name: "hello",
  checksum: { algorithm: "sha256", hex: sha256 },
} as const;
const byMd5 = {
  name: "hello",
  checksum: { algorithm: "md5", hex: md5 },
} as const;
const other = new TextEncoder().encode("hullo\n");

Deno.test("checkFile() accepts the published file by either checksum", () => {
  for (const file of [plain, byMd5]) {
    assert.equal(isPublished(bytes, file), true);
    assert.deepEqual(checkFile(bytes, file, false), {
      sha256,
      isPublished: true,
    });
  }
});

Deno.test("checkFile() records the SHA-256 of the unpacked content", () => {
  const packed = gzipSync(bytes);
  const file = { ...plain, name: "hello.gz" };
  // The published checksum is of the file as it comes.
  assert.throws(() => checkFile(packed, file, false), /^Error: Cannot accept/);
  assert.deepEqual(checkFile(packed, file, true), {
    sha256,
    isPublished: false,
  });
});

Deno.test("checkFile() accepts a published file's content where it comes unpacked", () => {
  const packed = gzipSync(bytes);
  const hex = sha256Of(packed);
  const file = {
    name: "hello.gz",
    contentSha256: sha256,
    checksum: { algorithm: "sha256", hex },
  } as const;
  for (const one of [packed, bytes]) {
    assert.deepEqual(checkFile(one, file, false), {
      sha256,
      isPublished: true,
    });
  }
  // `printf 'hullo\n' | sha256sum`
  const wrong =
    "165e3927cb9dc09c3a04bd2885de5029c8ec7c16ae2f7ff275dee5a1bf2595f3";
  assert.throws(() => checkFile(other, file, false), {
    message:
      `Cannot accept hello.gz: its sha256 must be ${sha256}: got ${wrong} (--unverified takes it all the same)`,
  });
});

Deno.test("checkFile() refuses another file, and one without a checksum", () => {
  assert.equal(isPublished(other, plain), false);
  assert.throws(() => checkFile(other, byMd5, false), {
    // `printf 'hullo\n' | md5sum`
    message:
      `Cannot accept hello: its md5 must be ${md5}: got 8a387fac5645c619277b00f27cc590b9 (--unverified takes it all the same)`,
  });
  assert.throws(() => checkFile(bytes, { name: "hello" }, false), {
    message:
      "Cannot accept hello: it must have a published checksum: got none (--unverified takes it all the same)",
  });
  assert.equal(checkFile(other, plain, true).isPublished, false);
  assert.deepEqual(checkFile(bytes, { name: "hello" }, true), {
    sha256,
    isPublished: false,
  });
});

Deno.test("checkFile() refuses damaged gzip data, whether verified or not", () => {
  const packed = gzipSync(bytes).subarray(0, -3);
  assert.throws(() => checkFile(packed, { name: "hello.gz" }, true), {
    message:
      "Cannot unpack hello.gz: gzip data must be whole and undamaged: got unexpected end of file",
  });
});
