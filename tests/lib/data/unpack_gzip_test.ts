import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { unpackGzip } from "../../../lib/data/unpack_gzip.ts";

// `printf alphalab | gzip -n`, gzip 1.12, then `xxd`.
const packed = Uint8Array.from(
  "1f8b08000000000000034bcc29c848cc494c02002090188a08000000".match(/../g)!,
  (byte) => parseInt(byte, 16),
);
const text = new TextEncoder().encode("alphalab");

const errorOf = (reason: string) => ({
  name: "Error",
  message:
    `Cannot unpack a.gz: gzip data must be whole and undamaged: got ${reason}`,
});

Deno.test("unpackGzip() unpacks what gzip packed", () => {
  assert.deepEqual(unpackGzip(packed, "a.gz"), text);
});

Deno.test("unpackGzip() is the inverse of gzip for any content", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (content) => {
    const unpacked = unpackGzip(new Uint8Array(gzipSync(content)), "a.gz");
    assert.deepEqual([...unpacked], [...content]);
  }));
});

Deno.test("unpackGzip() returns plain bytes as the same array", () => {
  const halfMagics = [[], [0x1f], [0x1f, 0], [0, 0x8b]];
  for (const plain of [text, ...halfMagics.map((m) => new Uint8Array(m))]) {
    assert.equal(unpackGzip(plain, "a"), plain);
  }
});

Deno.test("unpackGzip() rejects data truncated after any byte", () => {
  for (let length = 2; length < packed.length; length++) {
    assert.throws(
      () => unpackGzip(packed.subarray(0, length), "a.gz"),
      errorOf("unexpected end of file"),
    );
  }
});

Deno.test("unpackGzip() rejects a damaged header, content, checksum and length", () => {
  const reasons = new Map([
    [2, "unknown compression method"],
    [12, "incorrect data check"],
    [packed.length - 8, "incorrect data check"],
    [packed.length - 4, "incorrect length check"],
  ]);
  for (const [index, reason] of reasons) {
    const damaged = packed.slice();
    damaged[index]! ^= 0x01;
    assert.throws(() => unpackGzip(damaged, "a.gz"), errorOf(reason));
  }
});

Deno.test("unpackGzip() rejects trailing garbage", () => {
  const longer = new Uint8Array([...packed, 1, 2, 3]);
  assert.throws(
    () => unpackGzip(longer, "a.gz"),
    errorOf("incorrect header check"),
  );
});
