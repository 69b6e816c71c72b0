import assert from "node:assert/strict";
import { readTar } from "../../../lib/data/_cifar_10.ts";
import { type TarEntry, tarOf } from "./fixtures/write_tar.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const a = { path: "f/a.bin", content: bytesOf("first") };
const b = { path: "f/b-2.txt", content: new Uint8Array(1000).fill(7) };
const folder: TarEntry = { path: "f/", type: "5" };

Deno.test("readTar() reads the files of a folder, empty ones and whole blocks too", async () => {
  const empty = { path: "f/empty" };
  const block = { path: "f/block", content: new Uint8Array(512).fill(1) };
  const files = await readTar(tarOf([folder, a, empty, block, b]), "f", "x");
  assert.deepEqual([...files.keys()], ["a.bin", "empty", "block", "b-2.txt"]);
  for (const { path, content } of [a, block, b]) {
    assert.deepEqual([...files.get(path.slice(2))!], [...content]);
  }
  assert.equal(files.get("empty")!.length, 0);
  assert.equal((await readTar(tarOf([]), "f", "x")).size, 0);
});

Deno.test("readTar() passes over what macOS and tar add, and any names beside", async () => {
  const more = [".DS_Store", "f/.DS_Store", "._f", "f/._a.bin", "./._f"]
    .concat("__MACOSX/f/._a.bin", "__MACOSX/._f")
    .map((path): TarEntry => ({ path, content: bytesOf("of a Mac") }));
  const folders = ["./", "./f/", "__MACOSX/", "__MACOSX/f/"]
    .map((path): TarEntry => ({ path, type: "5" }));
  const beside = ["f/.hidden", "f/a b (1).txt", "f/ä"].map((path) => ({
    path,
  }));
  const entries = [...folders, ...more, { ...a, path: "./f/a.bin" }, ...beside];
  const files = await readTar(tarOf(entries), "f", "x");
  const names = ["a.bin", ".hidden", "a b (1).txt", "ä"];
  assert.deepEqual([...files.keys()], names);
  assert.deepEqual(files.get("a.bin"), a.content);
  // But no link of such a name's folder.
  const link: TarEntry = { path: "f/.hidden", type: "2", link: "../x" };
  await assert.rejects(
    readTar(tarOf([link]), "f", "x"),
    /: got the symlink "f\/\.hidden"$/,
  );
});

Deno.test("readTar() refuses whatever is no file right in the folder", async () => {
  const refused: [TarEntry, string][] = [
    [{ ...a, path: "../a.bin" }, 'the file "../a.bin"'],
    [{ ...a, path: "f/../../a.bin" }, 'the file "f/../../a.bin"'],
    [{ ...a, path: "f/.." }, 'the file "f/.."'],
    [{ ...a, path: "/f/a.bin" }, 'the file "/f/a.bin"'],
    [{ ...a, path: "g/a.bin" }, 'the file "g/a.bin"'],
    [{ ...a, path: "a.bin" }, 'the file "a.bin"'],
    [{ ...a, path: "f/g/a.bin" }, 'the file "f/g/a.bin"'],
    [{ ...a, path: "f/a\nb" }, 'the file "f/a\\nb"'],
    [{ path: "f/a.bin", type: "5" }, 'the directory "f/a.bin"'],
    [{ path: "g/", type: "5" }, 'the directory "g/"'],
    [{ path: "f/a.bin", type: "1", link: "/x" }, 'the link "f/a.bin"'],
    [{ path: "f/a.bin", type: "2", link: "../x" }, 'the symlink "f/a.bin"'],
    [{ path: "f/a.bin", type: "3" }, 'the character-device "f/a.bin"'],
  ];
  for (const [entry, found] of refused) {
    await assert.rejects(readTar(tarOf([folder, b, entry]), "f", "x.tar"), {
      message:
        `Cannot unpack x.tar: it must hold nothing but files right in f/: got ${found}`,
    });
  }
  await assert.rejects(readTar(tarOf([a, b, a]), "f", "x.tar"), {
    message: "Cannot unpack x.tar: it must hold f/a.bin once: got it twice",
  });
});

Deno.test("readTar() refuses an archive that is cut or damaged", async () => {
  const whole = tarOf([folder, a, b]);
  const refused = (bytes: Uint8Array, reason: string) =>
    assert.rejects(readTar(bytes, "f", "x.tar"), {
      message:
        `Cannot unpack x.tar: tar data must be whole and undamaged: got ${reason}`,
    });
  // In a file's content, in what fills its last block, in a header.
  for (const length of [512 + 512 + 3, 512 + 512 + 100, 512 + 100, 100]) {
    await refused(whole.subarray(0, length), "Unexpected end of data");
  }
  const damaged = whole.slice();
  damaged[512 + 10]! ^= 1;
  await refused(
    damaged,
    "Invalid tar header. Maybe the tar is corrupted or it needs to be gunzipped?",
  );
});
