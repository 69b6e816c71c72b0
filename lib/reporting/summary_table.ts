import { minusSigns } from "../base/format.ts";
import type { TextTable } from "./text_table.ts";
import type { RunSummary } from "../run/list_runs.ts";
import { type Difference, factText } from "../run/run_record.ts";
import type { MeasuredPair } from "../run/run_table.ts";

/**
 * Runs at one glance.
 *
 * @param runs as `listRuns` gives them
 * @returns one row per run, with its task behind a name that is another; `—`
 *   for what is not known of it
 */
export function summaryTable(runs: readonly RunSummary[]): TextTable {
  const quantities = new Set(runs.flatMap(({ best }) => best?.quantity ?? []));
  const [common] = quantities.size === 1 ? quantities : [];
  const bestText = ({ best }: RunSummary) => {
    if (best === undefined) return "—";
    const quantity = common === undefined ? `${best.quantity} ` : "";
    return `${quantity}${shown(best.value)} ${best.net}`;
  };
  return {
    columns: [
      "run",
      "status",
      "progress",
      "seconds",
      "date",
      `best ${common ?? "result"}`,
    ],
    rows: runs.map((run) => [
      run.task === undefined || run.task === run.name
        ? run.name
        : `${run.name} (${run.task})`,
      run.status ?? "unreadable",
      progressText(run),
      secondsText(run),
      dateText(run),
      bestText(run),
    ]),
    aligns: [
      "left",
      "left",
      "left",
      "right",
      "left",
      "left",
    ],
  };
}

/**
 * What two runs do not share.
 *
 * @param differences by `compareRecords`
 * @returns one row per difference; `—` where a run has no such fact
 */
export function differencesTable(
  differences: readonly Difference[],
): TextTable {
  return {
    columns: ["differs", "A", "B"],
    rows: differences.map(({ name, a, b }) => [
      name,
      ...[a, b].map((value) => value === undefined ? "—" : factText(value)),
    ]),
    aligns: ["left", "left", "left"],
  };
}

/**
 * The numbers of two runs side by side.
 *
 * @param pairs by `compareTables`
 * @returns one row per pair; each net is named once
 */
export function pairsTable(pairs: readonly MeasuredPair[]): TextTable {
  const hasNets = pairs.some(({ net }) => net !== "");
  const difference = (value: number) =>
    value > 0 ? `+${shown(value, 3)}` : shown(value, 3);
  return {
    columns: [...hasNets ? ["net"] : [], "quantity", "A", "B", "B − A"],
    rows: pairs.map(({ net, quantity, a, b }, i) => [
      ...hasNets ? [net === pairs[i - 1]?.net ? "" : net] : [],
      quantity,
      shown(a),
      shown(b),
      difference(b - a),
    ]),
  };
}

/** A number for the reader, without the noise of its last digits. */
export function shown(value: number, digits = 6): string {
  return minusSigns(String(Number(value.toPrecision(digits))));
}

/** What a run took so far, as a table has it. */
function secondsText({ seconds }: Pick<RunSummary, "seconds">): string {
  return seconds === undefined ? "—" : seconds.toFixed(seconds < 10 ? 1 : 0);
}

/** When a run was written last, in the reader's time zone: 2026-11-30 03:15. */
export function dateText({ date }: Pick<RunSummary, "date">): string {
  if (date === undefined) return "—";
  const at = new Date(date);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())];
  return `${day.join("-")} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** How far a run got: 2 of 3 nets, epoch 2 of 12. */
function progressText(
  { nets, allNets, epoch, epochs }: RunSummary,
): string {
  const all = Math.max(nets ?? 0, allNets ?? 0);
  const parts = [
    nets === undefined
      ? []
      : `${nets < all ? `${nets} of ` : ""}${all} ${
        all === 1 ? "net" : "nets"
      }`,
    epoch === undefined
      ? []
      : `epoch ${epoch}${epochs === undefined ? "" : ` of ${epochs}`}`,
  ].flat();
  return parts.join(", ") || "—";
}
