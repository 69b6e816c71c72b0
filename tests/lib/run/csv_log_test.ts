import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { openCsvLog, readCsvLog, writeCsv } from "../../../lib/run/csv_log.ts";
import { readRunTable } from "../../../lib/run/run_table.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { finish, spawnFixture } from "../train/fixtures/spawn_sandboxed.ts";

Deno.test("openCsvLog() writes header and rows with shortest numbers", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["net", "value", "alpha_1"]);
    log.append({ net: "relu", value: 0.1 + 0.2, alpha_1: null });
    log.append({ alpha_1: -1.5e300, net: 'a, "b"\nc', value: 1e-7 });
    log.append({ net: "", value: NaN, alpha_1: -Infinity });
    log.close();
    assert.equal(
      Deno.readTextFileSync(path),
      "net,value,alpha_1\n" +
        "relu,0.30000000000000004,\n" +
        '"a, ""b""\nc",1e-7,-1.5e+300\n' +
        ",NaN,-Infinity\n",
    );
  }));

Deno.test("openCsvLog() writes numbers that read back exactly", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    fc.assert(
      fc.property(
        fc.array(
          fc.record(
            { number: fc.double(), text: fc.string({ unit: "binary" }) },
            { noNullPrototype: false },
          ),
        ),
        (rows) => {
          const log = openCsvLog(path, ["number", "text"]);
          rows.forEach((row) => log.append(row));
          log.close();
          const [, ...read] = parse(Deno.readFileSync(path)) as string[][];
          assert.deepEqual(
            // -0 is printed as JavaScript prints it, 0.
            read.map(([number, text]) => [Number(number), text]),
            rows.map(({ number, text }) => [number + 0, text.toWellFormed()]),
          );
        },
      ),
      { numRuns: 50 },
    );
  }));

Deno.test("openCsvLog() replaces the file that a fresh log finds", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    Deno.writeTextFileSync(path, "something longer than the header");
    openCsvLog(path, ["a"]).close();
    assert.equal(Deno.readTextFileSync(path), "a\n");
  }));

Deno.test("openCsvLog() counts bytes before they are written", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["α"]);
    assert.equal(log.length(), 3);
    assert.equal(Deno.statSync(path).size, 0);
    log.append({ α: "β" });
    assert.equal(log.length(), 6);
    log.flush();
    assert.equal(Deno.statSync(path).size, 6);
    log.close();
  }));

Deno.test("openCsvLog() writes on its own once enough has gathered", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["a"]);
    for (let row = 0; row < 100; row++) log.append({ a: "x".repeat(1000) });
    const { size } = Deno.statSync(path);
    assert.ok(size >= 65536 && size < log.length(), `${size}`);
    log.close();
    assert.equal(Deno.statSync(path).size, 2 + 100 * 1001);
  }));

Deno.test("openCsvLog() cuts off what the checkpoint does not know and goes on", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["a", "b"]);
    log.append({ a: 1, b: 2 });
    const length = log.length();
    log.append({ a: 3, b: 4 });
    log.close();
    Deno.writeTextFileSync(path, "5,", { append: true });
    for (let time = 0; time < 2; time++) {
      const resumed = openCsvLog(path, ["a", "b"], { length });
      assert.equal(resumed.length(), length);
      assert.equal(Deno.readTextFileSync(path), "a,b\n1,2\n");
      resumed.append({ a: 6, b: 7 });
      assert.equal(resumed.length(), length + 4);
      resumed.close();
      assert.equal(Deno.readTextFileSync(path), "a,b\n1,2\n6,7\n");
    }
  }));

Deno.test("openCsvLog() rejects a file that the checkpoint would not know, untouched", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const resume = (length: number) => openCsvLog(path, ["a", "b"], { length });
    const edited =
      `Cannot resume ${path}: file must be as the last checkpoint knew it: got an edited one`;
    const rejects = (content: string, length: number, message: string) => {
      Deno.writeTextFileSync(path, content);
      assert.throws(() => resume(length), { name: "Error", message });
      assert.equal(Deno.readTextFileSync(path), content);
    };
    assert.throws(() => resume(8), {
      message: `Cannot resume ${path}: no such file or directory`,
    });
    rejects(
      "a,b\n1,2",
      8,
      `Cannot resume ${path}: file must have at least 8 bytes: got 7`,
    );
    rejects("a,c\n1,2\n", 8, edited);
    rejects("\ufeffa,b\n1,2\n", 11, edited);
    rejects("a,b\n1,22\n", 8, edited);
    rejects("a,b\n1,2\n", 0, edited);
    rejects("a,b\n1,2\n", -1, edited);
  }));

Deno.test("openCsvLog() rejects a row of other columns and writes nothing of it", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["a", "b"]);
    const rejects = (append: () => void, got: string) =>
      assert.throws(append, {
        name: "TypeError",
        message:
          `Cannot write ${path}: a row must have the columns a,b: got ${got}`,
      });
    // @ts-expect-error: a field is missing
    rejects(() => log.append({ a: 1 }), "a");
    // @ts-expect-error: a field is misspelt
    rejects(() => log.append({ a: 1, bb: 2 }), "a,bb");
    // @ts-expect-error: a field has no column
    rejects(() => log.append({ a: 1, b: 2, c: 3 }), "a,b,c");
    log.close();
    assert.equal(Deno.readTextFileSync(path), "a,b\n");
  }));

Deno.test("writeCsv() replaces a file by a header and rows in its order", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    Deno.writeTextFileSync(path, "something longer than the rows");
    writeCsv(path, [{ net: "α, β", loss: 1e-7 }, { loss: null, net: "" }]);
    assert.equal(Deno.readTextFileSync(path), 'net,loss\n"α, β",1e-7\n,\n');
    // numbers come first in an object
    writeCsv(path, [{ class: "cat", 0: 3 }], ["class", "0"]);
    assert.equal(Deno.readTextFileSync(path), "class,0\ncat,3\n");
    writeCsv(path, [], ["net", "loss"]);
    assert.equal(Deno.readTextFileSync(path), "net,loss\n");
  }));

Deno.test("writeCsv() rejects a row of other columns and leaves the file alone", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    Deno.writeTextFileSync(path, "old");
    const rows: Record<string, number>[] = [{ a: 1, b: 2 }, { a: 3 }];
    assert.throws(() => writeCsv(path, rows), {
      name: "TypeError",
      message: `Cannot write ${path}: a row must have the columns a,b: got a`,
    });
    assert.equal(Deno.readTextFileSync(path), "old");
  }));

Deno.test("openCsvLog() names a path that cannot be opened", () =>
  inTemporaryDirectory((directory) => {
    assert.throws(() => openCsvLog(`${directory}/none/a.csv`, ["a"]), {
      message:
        `Cannot write ${directory}/none/a.csv: no such file or directory`,
    });
  }));

Deno.test("a log that failed to write stays failed and closes quietly", () =>
  inTemporaryDirectory((directory) => {
    const path = `${directory}/a.csv`;
    const log = openCsvLog(path, ["a"]);
    const write = Deno.FsFile.prototype.writeSync;
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("No space left on device (os error 28)");
    };
    const full = { message: `Cannot write ${path}: no space left on device` };
    try {
      assert.throws(() => log.flush(), full);
    } finally {
      Deno.FsFile.prototype.writeSync = write;
    }
    assert.throws(() => log.flush(), full);
    log.close();
    assert.equal(Deno.readTextFileSync(path), "");
  }));

Deno.test({
  name: "openCsvLog() says so when the disk is full",
  ignore: Deno.build.os !== "linux", // no /dev/full elsewhere
  fn: () =>
    inTemporaryDirectory(async (directory) => {
      Deno.symlinkSync("/dev/full", `${directory}/a.csv`);
      const child = spawnFixture("fill_disk.ts", ["log", "a.csv"], {
        cwd: directory,
        permissions: ["-A"],
      });
      assert.deepEqual(await finish(child), {
        code: 1,
        stdout: "",
        stderr: "Cannot write a.csv: no space left on device\n",
      });
    }),
});

Deno.test("openCsvLog() says where the sandbox lets it write", () =>
  inTemporaryDirectory(async (directory) => {
    const child = spawnFixture("fill_disk.ts", ["log", "a.csv"], {
      cwd: directory,
    });
    assert.deepEqual(await finish(child), {
      code: 1,
      stdout: "",
      stderr: "Cannot write a.csv: the task may write under runs/ only\n",
    });
  }));

Deno.test("readCsvLog() names the file that is missing or cut off", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/metrics.csv`;
  assert.throws(() => readCsvLog(path), {
    message: `Cannot read ${path}: no such file or directory`,
  });
  Deno.writeTextFileSync(path, "net,epoch\na,1\na");
  assert.throws(() => readCsvLog(path), {
    message: new RegExp(`^Cannot read ${path}: invalid .* on line 3$`),
  });
  Deno.writeTextFileSync(path, "net,epoch\na,1\n");
  assert.deepEqual(readCsvLog(path), [{ net: "a", epoch: "1" }]);
  Deno.removeSync(directory, { recursive: true });
});

/** Bytes as a file, and back. */
function read(...parts: (string | number[])[]) {
  const path = Deno.makeTempFileSync({ suffix: ".csv" });
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part) =>
    typeof part === "string" ? [...encoder.encode(part)] : part
  );
  Deno.writeFileSync(path, Uint8Array.from(bytes));
  try {
    return { rows: readCsvLog(path), table: readRunTable(path) };
  } catch (error) {
    const { message } = error as Error;
    return { message: message.replace(path, "FILE") };
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("readCsvLog() reads what a spreadsheet saves with commas", () => {
  const { rows, table } = read(
    [0xef, 0xbb, 0xbf],
    'net,epoch,loss\r\nrelu,1,0.5\r\n"a,b",2,1.5E-05\r\n',
  );
  assert.deepEqual(rows, [
    { net: "relu", epoch: "1", loss: "0.5" },
    { net: "a,b", epoch: "2", loss: "1.5E-05" },
  ]);
  assert.deepEqual(table!.measures, ["epoch", "loss"]);
});

Deno.test("readCsvLog() refuses other separators and encodings by name", () => {
  const comma = "Cannot read FILE: columns must be separated by commas: got ";
  const header = "net;seed;epoch;train_loss;train_accuracy;test_loss";
  for (
    const [text, message] of [
      ["net;epoch\na;1\n", `${comma}the header "net;epoch"`],
      ["net;epoch\na;1\nb;0,5\n", `${comma}the header "net;epoch"`],
      ["\ufeffnet;epoch\r\na;1\r\n", `${comma}the header "net;epoch"`],
      [
        '"net";"epoch"\n"a";1\n', // all texts in quotes
        `${comma}the header "\\"net\\";\\"epoch\\""`,
      ],
      ["sep=;\nnet;epoch\na;1\n", `${comma}the header "sep=;"`],
      ["net\tepoch\na\t1\n", `${comma}the header "net\\tepoch"`],
      ["net,a;b\na,1\n", `${comma}the header "net,a;b"`],
      [`${header}\n`, `${comma}the header "${header.slice(0, 40)}"`],
      [
        "net,loss,loss\na,1,2\n",
        "Cannot read FILE: each column must have a name of its own: got loss twice",
      ],
    ] as const
  ) {
    assert.deepEqual(read(text), { message });
  }
  // "Unicode text" of a spreadsheet: UTF-16, with its mark or without.
  for (const text of ["\ufeffnet,epoch\n", "net,epoch\n"]) {
    const codes = Uint16Array.from(text, (c) => c.charCodeAt(0));
    assert.deepEqual(read([...new Uint8Array(codes.buffer)]), {
      message: "Cannot read FILE: it must be text in UTF-8: got other bytes",
    });
  }
});
