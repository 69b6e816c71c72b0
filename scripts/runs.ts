/**
 * Lists the runs that lie under a directory with their main numbers, or puts
 * two of them side by side: the flags that differ, then the last numbers of
 * each net.
 *
 *   deno task runs
 *   deno task runs fashion-alpha lambdas
 *
 * Only reads, so that runs which are under way are not disturbed.
 */
import { join } from "node:path";
import { UsageError } from "../lib/cli/errors.ts";
import {
  booleanFlag,
  flag,
  type FlagValues,
  parseFlags,
  positional,
  text,
} from "../lib/cli/flags.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { textTable } from "../lib/cli/text_table.ts";
import {
  compareRecords,
  compareTables,
  type Difference,
  type TableComparison,
} from "../lib/runs/compare_runs.ts";
import {
  listRuns,
  resultFile,
  type RunSummary,
  taskOf,
} from "../lib/runs/list_runs.ts";
import { readRunTable } from "../lib/runs/run_table.ts";
import { factText } from "../lib/train/fact_text.ts";
import { readRunRecord } from "../lib/train/read_run_record.ts";

const FLAGS = {
  a: positional(text(), {
    default: null,
    describe: "a run to compare: its name, or its path if that has a /",
  }),
  b: positional(text(), { default: null, describe: "the run beside it" }),
  in: flag(text(), { default: "runs", describe: "where the runs are" }),
  json: booleanFlag({ describe: "print all as one line of JSON instead" }),
};

type Config = FlagValues<typeof FLAGS>;

/** Rows that are printed, a few screens: a sweep may have thousands. */
const MAX_PAIRS = 120;

/** Rows of names that are printed. */
const MAX_NETS = 12;

/** A number for the reader, without the noise of its last digits. */
function shown(value: number, digits = 6): string {
  return String(Number(value.toPrecision(digits))).replaceAll("-", "−");
}

function signed(value: number): string {
  return value > 0 ? `+${shown(value, 3)}` : shown(value, 3);
}

function printRuns(runs: readonly RunSummary[], directory: string) {
  if (runs.length === 0) {
    console.log(`${directory}: no runs`);
    return;
  }
  const quantities = new Set(runs.flatMap(({ best }) => best?.quantity ?? []));
  const [common] = quantities.size === 1 ? quantities : [];
  const bestText = ({ best }: RunSummary) => {
    if (best === undefined) return "—";
    const quantity = common === undefined ? `${best.quantity} ` : "";
    return `${quantity}${shown(best.value)} ${best.net}`;
  };
  console.log(textTable({
    columns: [
      ...["run", "task", "status", "nets", "epoch"],
      `best ${common ?? "result"}`,
    ],
    rows: runs.map((run) => [
      ...[run.name, run.task ?? "—", run.status ?? "unreadable"],
      ...[run.nets, run.epoch].map((count) => count?.toString() ?? "—"),
      bestText(run),
    ]),
    aligns: ["left", "left", "left", "right", "right", "left"],
  }));
  for (const { error } of runs) if (error !== undefined) console.log(error);
}

function printDifferences(differences: readonly Difference[]) {
  console.log(
    differences.length === 0
      ? "\nthe same flags, data and environment"
      : `\n${
        textTable({
          columns: ["differs", "A", "B"],
          rows: differences.map(({ name, a, b }) => [
            name,
            ...[a, b].map((value) =>
              value === undefined ? "—" : factText(value)
            ),
          ]),
          aligns: ["left", "left", "left"],
        })
      }`,
  );
}

function printPairs({ pairs, onlyA, onlyB }: TableComparison) {
  const hasNets = pairs.some(({ net }) => net !== "");
  const rows = pairs.slice(0, MAX_PAIRS).map(({ net, quantity, a, b }, i) => [
    ...hasNets ? [net === pairs[i - 1]?.net ? "" : net] : [],
    ...[quantity, shown(a), shown(b), signed(b - a)],
  ]);
  if (rows.length > 0) {
    console.log(textTable({
      columns: [...hasNets ? ["net"] : [], "quantity", "A", "B", "B − A"],
      rows,
    }));
  }
  const left = pairs.length - rows.length;
  if (left > 0) console.log(`and ${left} more: --json prints all`);
  const single = Math.max(onlyA.length, onlyB.length);
  if (single === 0) return;
  console.log(textTable({
    columns: ["only in A", "only in B"],
    rows: Array.from({ length: Math.min(single, MAX_NETS) }, (_, i) => [
      ...[onlyA[i] ?? "", onlyB[i] ?? ""],
    ]),
    aligns: ["left", "left"],
  }));
  if (single > MAX_NETS) console.log("and more: --json prints all");
}

function compare(paths: readonly [string, string], json: boolean) {
  const runs = paths.map((path) => {
    const record = readRunRecord(path);
    const file = resultFile(record);
    const table = file === undefined ? null : readRunTable(join(path, file));
    return { path, record, file, table };
  });
  const [a, b] = runs as [typeof runs[0], typeof runs[0]];
  const differences = compareRecords(a.record, b.record);
  const results = a.table && b.table && a.file === b.file
    ? { file: a.file, ...compareTables(a.table, b.table) }
    : null;
  const [ofA, ofB] = runs.map(({ path, record }) => ({
    ...{ path, task: taskOf(record), status: record.status },
  }));
  if (json) {
    console.log(JSON.stringify({ a: ofA, b: ofB, differences, results }));
    return;
  }
  for (const [name, of] of [["A", ofA!], ["B", ofB!]] as const) {
    console.log(`${name}: ${of.path} (${of.task}, ${of.status})`);
  }
  printDifferences(differences);
  if (results === null) console.log("\nno numbers that both have");
  else {
    console.log(`\nlast numbers in ${results.file}`);
    printPairs(results);
  }
}

// deno-lint-ignore require-await -- runMain takes what may wait
async function main() {
  const config: Config = parseFlags(
    "runs",
    "Lists the runs with their main numbers, or compares two of them.",
    FLAGS,
    Deno.args,
  );
  const { a, b, json } = config;
  const pathOf = (name: string) =>
    name.includes("/") ? name.replace(/\/+$/, "") : join(config.in, name);
  if (a === null) {
    const runs = listRuns(config.in);
    if (json) console.log(JSON.stringify({ runs }));
    else printRuns(runs, config.in);
    return;
  }
  if (b === null) {
    throw new UsageError(
      "Cannot parse b: expected a second run to compare: got none",
    );
  }
  compare([pathOf(a), pathOf(b)], json);
}

if (import.meta.main) await runMain(main);
