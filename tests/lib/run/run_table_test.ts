import assert from "node:assert/strict";
import {
  compareTables,
  keyColumns,
  keyOf,
  readRunTable,
  type RunTable,
} from "../../../lib/run/run_table.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";

/** Reads a CSV file of this content. */
async function read(csv: string): Promise<RunTable> {
  let table: RunTable | null = null;
  await inTemporaryDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/a.csv`, csv);
    table = readRunTable(`${directory}/a.csv`);
  });
  return table!;
}

Deno.test("readRunTable() keeps the last row of each net", async () => {
  const { ids, measures, rows } = await read(
    "net,lambda,seed,epoch,loss,note,alpha\n" +
      "relu,,0,1,0.9,a,\nrelu,,0,2,-0.8,b,\n" +
      "pnn,0.5,0,1,1e-7,c,NaN\nrelu,,1,1,0.7,d,\n",
  );
  assert.deepEqual(ids, ["net", "lambda", "seed"]);
  assert.deepEqual(measures, ["epoch", "loss", "alpha"]);
  assert.deepEqual(rows.map(({ loss }) => loss), ["-0.8", "1e-7", "0.7"]);
});

Deno.test("readRunTable() keeps every row where there is no epoch", async () => {
  const { ids, measures, rows } = await read("run,alpha\n0,0.5\n1,0.5\n");
  assert.deepEqual(ids, ["run", "alpha"]);
  assert.deepEqual(measures, ["run", "alpha"]);
  assert.equal(rows.length, 2);
});

Deno.test("readRunTable() gives null for no file, no rows for a header, and throws for damage", async () => {
  assert.equal(readRunTable("/nowhere/metrics.csv"), null);
  assert.deepEqual((await read("net,epoch,loss\n")).rows, []);
  await assert.rejects(
    read("net,epoch,loss\nrelu,1\n"),
    /^Error: Cannot read \S+\/a.csv: invalid Record Length: [^\n]*$/,
  );
});

Deno.test("keyColumns() takes the first columns that tell all rows apart", async () => {
  const one = await read("net,activation,seed,epoch\nrelu,relu,0,1\n");
  const nets = await read(
    "net,activation,seed,epoch\nrelu,relu,0,1\npnn,pnn,0,1\n",
  );
  const seeds = await read(
    "net,activation,seed,epoch\nrelu,relu,0,1\nrelu,relu,1,1\npnn,pnn,0,1\n",
  );
  assert.deepEqual(keyColumns([one]), []);
  assert.deepEqual(keyColumns([nets]), ["net"]);
  assert.deepEqual(keyColumns([seeds]), ["net", "seed"]);
  assert.deepEqual(keyColumns([one, seeds]), ["net", "seed"]);
  assert.deepEqual(keyColumns([seeds, await read("net,epoch\nrelu,1\n")]), [
    "net",
  ]);
});

Deno.test("keyOf() names numbers by their columns", () => {
  const row = { net: "relu", lambda: "", seed: "3" };
  assert.equal(keyOf(row, ["net", "lambda", "seed"]), "relu, seed 3");
});

function table(...rows: Record<string, string>[]): RunTable {
  const ids = ["net", "seed"];
  const measures = Object.keys(rows[0]!).filter((name) => !ids.includes(name));
  return { ids, measures, rows };
}

Deno.test("compareTables() pairs what both measured of a net, whatever its row", () => {
  const a = table(
    { net: "relu", seed: "0", epoch: "3", loss: "0.5", only: "1" },
    { net: "linear", seed: "0", epoch: "3", loss: "", only: "1" },
    { net: "pnn", seed: "0", epoch: "3", loss: "1", only: "1" },
  );
  const b = table(
    { net: "tanh", seed: "0", epoch: "5", loss: "9" },
    { net: "linear", seed: "0", epoch: "5", loss: "0.1" },
    { net: "relu", seed: "0", epoch: "5", loss: "0.25" },
  );
  assert.deepEqual(compareTables(a, b), {
    pairs: [
      { net: "relu", quantity: "epoch", a: 3, b: 5 },
      { net: "relu", quantity: "loss", a: 0.5, b: 0.25 },
      { net: "linear", quantity: "epoch", a: 3, b: 5 },
    ],
    onlyA: ["pnn"],
    onlyB: ["tanh"],
  });
});

Deno.test("compareTables() pairs single nets of any names and seeds", () => {
  const a = table({ net: "relu", seed: "0", loss: "1" });
  const b = table({ net: "linear", seed: "1", loss: "2" });
  assert.deepEqual(compareTables(a, b), {
    pairs: [{ net: "", quantity: "loss", a: 1, b: 2 }],
    onlyA: [],
    onlyB: [],
  });
});
