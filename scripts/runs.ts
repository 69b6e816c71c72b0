/**
 * Lists the runs that lie under a directory with their main numbers, the newest
 * last; shows one of them, its flags, the last numbers of each net and its
 * files; or puts two side by side: the flags that differ, then their numbers.
 *
 *   deno task runs
 *   deno task runs fashion-alpha
 *   deno task runs fashion-alpha lambdas
 *
 * `interrupted` is a run without an end that no process works in.
 *
 * Only reads, so that runs which are under way are not disturbed.
 */
import { join } from "node:path";
import { describeConfig, parseFlags } from "../lib/cli/command_line.ts";
import {
  booleanFlag,
  flag,
  type FlagValues,
  positional,
  text,
} from "../lib/cli/flags.ts";
import { formatDuration } from "../lib/base/format.ts";
import { runMain } from "../lib/cli/run_main.ts";
import { textTable } from "../lib/reporting/text_table.ts";
import { wrapText } from "../lib/base/wrap_text.ts";
import {
  CHECKPOINT_FILE,
  compareRecords,
  type Difference,
  factText,
  readRunRecord,
  RECORD_FILE,
  resumeCommand,
} from "../lib/run/run_record.ts";
import {
  compareTables,
  readRunTable,
  type TableComparison,
} from "../lib/run/run_table.ts";
import {
  listRuns,
  resultFile,
  type RunSummary,
  statusOf,
  summarize,
  taskOf,
} from "../lib/run/list_runs.ts";
import {
  dateText,
  differencesTable,
  pairsTable,
  shown,
  summaryTable,
} from "../lib/reporting/summary_table.ts";
import { listDirectory } from "../lib/run/find_run.ts";

const FLAGS = {
  a: positional(text(), {
    default: null,
    describe: "run to show: its name, or a path that has a /",
  }),
  b: positional(text(), {
    default: null,
    describe: "second run, to compare with the first",
  }),
  in: flag(text(), {
    default: "runs",
    describe: "directory that holds the runs",
  }),
  json: booleanFlag({
    describe: "print everything as one line of JSON instead",
  }),
};

type Config = FlagValues<typeof FLAGS>;

/** Rows that are printed, a few screens: a sweep may have thousands. */
const MAX_PAIRS = 120;

/** Rows of names that are printed. */
const MAX_NETS = 12;

function printRuns(runs: readonly RunSummary[], directory: string) {
  if (runs.length === 0) {
    console.log(`${directory}: no runs`);
    return;
  }
  console.log(textTable(summaryTable(runs)));
  for (const { error } of runs) if (error !== undefined) console.log(error);
}

function printDifferences(differences: readonly Difference[]) {
  console.log(
    differences.length === 0
      ? "\nthe same flags, data and environment"
      : `\n${textTable(differencesTable(differences))}`,
  );
}

function printPairs({ pairs, onlyA, onlyB }: TableComparison) {
  const printed = pairs.slice(0, MAX_PAIRS);
  if (printed.length > 0) console.log(textTable(pairsTable(printed)));
  printLeft(pairs.length - printed.length);
  const single = Math.max(onlyA.length, onlyB.length);
  if (single === 0) return;
  console.log(textTable({
    columns: ["only in A", "only in B"],
    rows: Array.from({ length: Math.min(single, MAX_NETS) }, (_, i) => [
      onlyA[i] ?? "",
      onlyB[i] ?? "",
    ]),
    aligns: ["left", "left"],
  }));
  if (single > MAX_NETS) console.log("and more: --json prints all");
}

function printLeft(rows: number) {
  if (rows > 0) console.log(`and ${rows} more: --json prints all`);
}

function readRun(path: string) {
  if (!listDirectory(path)?.includes(RECORD_FILE)) {
    throw new Error(`Cannot show the run: ${path} must hold one: got none`);
  }
  const record = readRunRecord(path);
  const file = resultFile(record);
  const table = file === undefined ? null : readRunTable(join(path, file));
  const task = taskOf(record);
  return { path, record, file, table, task, status: statusOf(path, record) };
}

/** A task that has nothing to resume leaves none. */
const isCheckpoint = ({ name }: { readonly name: string }) =>
  name === CHECKPOINT_FILE;

function show(path: string, json: boolean) {
  const { record, file, table, task, status } = readRun(path);
  const summary = summarize(path);
  const files = (listDirectory(path) ?? [])
    .filter((name) => !name.startsWith("."))
    .map((name) => {
      const { size } = Deno.statSync(join(path, name));
      return { name, bytes: size };
    });
  const results = table && { file, rows: table.rows };
  if (json) {
    const { config, pinned, environment } = record;
    console.log(JSON.stringify({
      path,
      ...summary,
      config,
      pinned,
      environment,
      results,
      files,
    }));
    return;
  }
  console.log(`${path} (${task}, ${status})`);
  const { seconds } = summary;
  const took = seconds === undefined
    ? ""
    : `, ${formatDuration(seconds)} of work`;
  console.log(wrapText(`last written ${dateText(summary)}${took}`));
  if (status === "interrupted" && files.some(isCheckpoint)) {
    console.log(`  ${resumeCommand(path, record)} goes on`);
  }
  console.log(describeConfig(record.config));
  const facts = Object.entries({ ...record.pinned, ...record.environment });
  console.log(wrapText(
    facts.filter(([name]) => name !== "task")
      .map(([name, value]) => `${name} ${factText(value)}`).join(", "),
  ));
  if (table && table.rows.length > 0) {
    const columns = Object.keys(table.rows[0]!);
    console.log(`\nlast numbers in ${file}`);
    console.log(textTable({
      columns,
      rows: table.rows.slice(0, MAX_PAIRS).map((row) =>
        columns.map((name) => fieldText(row[name]!))
      ),
    }));
    printLeft(table.rows.length - MAX_PAIRS);
  }
  console.log(`\n${
    textTable({
      columns: ["file", "kB"],
      rows: files.map(({ name, bytes }) => [name, (bytes / 1000).toFixed(1)]),
    })
  }`);
}

/** A field of a CSV file for the reader. */
function fieldText(field: string): string {
  const value = Number(field);
  return field === "" || Number.isNaN(value) ? field : shown(value);
}

function compare(paths: readonly [string, string], json: boolean) {
  const [a, b] = [readRun(paths[0]), readRun(paths[1])];
  const differences = compareRecords(a.record, b.record);
  const results = a.table && b.table && a.file === b.file
    ? { file: a.file, ...compareTables(a.table, b.table) }
    : null;
  const [ofA, ofB] = [a, b].map(({ path, task, status }) => ({
    path,
    task,
    status,
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
    "Lists the runs with their main numbers, shows one, or compares two.",
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
  if (b === null) show(pathOf(a), json);
  else compare([pathOf(a), pathOf(b)], json);
}

if (import.meta.main) await runMain(main);
