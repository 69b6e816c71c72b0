import assert from "node:assert/strict";
import { writeAtomically } from "../../../lib/base/write_atomically.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { readFiles } from "../train/fixtures/read_files.ts";
import { finish, spawnFixture } from "../train/fixtures/spawn_sandboxed.ts";

Deno.test("writeAtomically() writes text as UTF-8 and bytes as they are", () =>
  inTemporaryDirectory((directory) => {
    writeAtomically(`${directory}/text`, "α = 0,5\n");
    writeAtomically(`${directory}/bytes`, new Uint8Array([0, 255, 10]));
    writeAtomically(`${directory}/empty`, "");
    assert.deepEqual(readFiles(directory), {
      bytes: "\x00ÿ\n",
      empty: "",
      text: "Î± = 0,5\n",
    });
  }));

Deno.test("writeAtomically() replaces a file and what a killed write left", () =>
  inTemporaryDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/a`, "old and longer");
    Deno.writeTextFileSync(`${directory}/a.tmp`, "half of something longer");
    writeAtomically(`${directory}/a`, "new");
    assert.deepEqual(readFiles(directory), { a: "new" });
  }));

Deno.test("writeAtomically() never shows a reader less than a whole file", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a`;
    Deno.writeTextFileSync(path, "old");
    const rename = Deno.renameSync;
    const seen: unknown[] = [];
    Deno.renameSync = (from, to) => {
      seen.push(Deno.readTextFileSync(path), Deno.readTextFileSync(from));
      rename(from, to);
    };
    try {
      writeAtomically(path, "new");
    } finally {
      Deno.renameSync = rename;
    }
    assert.deepEqual(seen, ["old", "new"]);
  }));

Deno.test("writeAtomically() names the path and the reason, and cleans up", () =>
  inTemporaryDirectory((directory) => {
    Deno.mkdirSync(`${directory}/directory`);
    Deno.writeTextFileSync(`${directory}/file`, "kept");
    assert.throws(() => writeAtomically(`${directory}/directory`, "x"), {
      name: "Error",
      message: `Cannot write ${directory}/directory: is a directory`,
    });
    assert.throws(() => writeAtomically(`${directory}/none/a`, "x"), {
      message: `Cannot write ${directory}/none/a: no such file or directory`,
    });
    assert.throws(() => writeAtomically(`${directory}/file/a`, "x"), {
      message: `Cannot write ${directory}/file/a: not a directory`,
    });
    Deno.removeSync(`${directory}/directory`);
    assert.deepEqual(readFiles(directory), { file: "kept" });
  }));

Deno.test("writeAtomically() leaves a temporary path that it cannot open alone", () =>
  inTemporaryDirectory((directory) => {
    Deno.mkdirSync(`${directory}/a.tmp`);
    assert.throws(() => writeAtomically(`${directory}/a`, "x"), {
      message: `Cannot write ${directory}/a: is a directory`,
    });
    assert.ok(Deno.statSync(`${directory}/a.tmp`).isDirectory);
  }));

Deno.test("writeAtomically() writes on after a write of a part", () =>
  inTemporaryDirectory((directory) => {
    const write = Deno.FsFile.prototype.writeSync;
    Deno.FsFile.prototype.writeSync = function (bytes) {
      return write.call(this, bytes.subarray(0, 3));
    };
    try {
      writeAtomically(`${directory}/a`, "0123456789");
    } finally {
      Deno.FsFile.prototype.writeSync = write;
    }
    assert.deepEqual(readFiles(directory), { a: "0123456789" });
  }));

Deno.test({
  name: "writeAtomically() keeps the old file when the disk is full",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      Deno.writeTextFileSync(`${directory}/a`, "old");
      Deno.symlinkSync("/dev/full", `${directory}/a.tmp`);
      const child = spawnFixture("fill_disk.ts", ["file", "a"], {
        cwd: directory,
        permissions: ["-A"],
      });
      assert.deepEqual(await finish(child), {
        code: 1,
        stdout: "",
        stderr: "Cannot write a: no space left on device\n",
      });
      assert.deepEqual(readFiles(directory), { a: "old" });
    }),
});

Deno.test("writeAtomically() says where the sandbox lets it write", () =>
  inTemporaryDirectory(async (directory) => {
    const child = spawnFixture("fill_disk.ts", ["file", "a"], {
      cwd: directory,
    });
    assert.deepEqual(await finish(child), {
      code: 1,
      stdout: "",
      stderr: "Cannot write a: the task may write under runs/ only\n",
    });
  }));
