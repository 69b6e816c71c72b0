import assert from "node:assert/strict";
import { readRunTable } from "../../../lib/run/run_table.ts";
import { readCsvLog } from "../../../lib/run/read_csv_log.ts";

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
