import type { ValidatedDataset } from "../../data/splits.ts";
import { formatPercent, formatSigned } from "../../base/format.ts";
import type { Claim } from "../../reporting/report.ts";
import {
  type AutodiffMeasure,
  type AutodiffNet,
  type AutodiffResults,
  autodiffRows,
  lastValue,
  ourValue,
} from "./octmnist_autodiff_results.ts";
import type { WeightSparsity } from "./weight_sparsity.ts";
import type { AutodiffTable } from "./reported.ts";

type Row = Readonly<Record<string, string>>;

/** What claims are judged by, beside metrics.csv. */
export interface AutodiffFacts {
  /** Class ids. */
  readonly trainLabels: Int32Array;
  /** Of table 7's nets that did not diverge. */
  readonly sparsity: readonly WeightSparsity[];
}

/**
 * What section 2 of report 3 claims of tables 4 to 7 and figures 8 and 10, and
 * whether it held. Where the report has no number, the claim names the bound
 * within which it counts as held.
 *
 * @param nets of a run
 * @param results of all of them
 * @returns the claims about tables that the run has
 */
export function autodiffClaims(
  nets: readonly AutodiffNet[],
  results: AutodiffResults,
  { trainLabels, sparsity }: AutodiffFacts,
): Claim[] {
  const claims: Claim[] = [];
  const add = (claim: string, holds: boolean, measured: string) => {
    const verdict = holds ? "held" : "did not hold";
    claims.push({ claim, verdict, measured });
  };
  /** That a setting has the highest value of those that the report compares. */
  const highest = (
    table: AutodiffTable,
    setting: string,
    measure: AutodiffMeasure,
    text: string,
  ) => {
    const rows = autodiffRows(nets, table)
      .filter(({ reported }) => reported !== null)
      .map(({ net, setting }) => ({
        setting,
        value: lastValue(results, net, measure),
      }));
    const own = rows.find((row) => row.setting === setting);
    if (own === undefined) return;
    // A net that diverged has the lowest accuracy, and the highest loss.
    const worst = measure === "train_loss" ? Infinity : -Infinity;
    const rank = (value: number) => Number.isNaN(value) ? worst : value;
    add(
      `${text} (table ${table})`,
      rows.every((row) => row === own || rank(row.value) < rank(own.value)),
      rows.map(({ setting, value }) => `${setting}: ${ourValue(value)}`)
        .join("; "),
    );
  };
  const epochsOf = (table: AutodiffTable, setting: string) => {
    const row = autodiffRows(nets, table).find((row) =>
      row.setting === setting
    );
    return row && results.get(row.net)!;
  };

  const [validation, test] = ["validation_accuracy", "test_accuracy"] as const;
  highest("4", "0.01", validation, "η 0.01 has the best validation accuracy");
  highest("4", "0.001", test, "η 0.001 has the best test accuracy");
  highest("5", "16", test, "batch 16 generalizes better: test accuracy");
  highest("5", "1024", "train_loss", "batch 1024 ends at a higher loss");
  const [small, large] = [epochsOf("5", "16"), epochsOf("5", "1024")];
  if (small && large) {
    const [rough, smooth] = [risesOf(small), risesOf(large)];
    add(
      "batch 1024 has the smoother loss curve (figure 8); held: all rises of its validation loss sum to less",
      smooth < rough,
      `16: ${ourValue(rough)}; 1024: ${ourValue(smooth)}`,
    );
  }
  const fast = epochsOf("6", "1")?.at(-1);
  if (fast) {
    const loss = Number(fast.train_loss);
    const entropy = entropyOf(trainLabels);
    add(
      "η 1 diverges (table 6); held: loss not finite, or not below the entropy of the labels",
      !(loss < entropy),
      `loss in epoch ${fast.epoch}: ${ourValue(loss)}; entropy: ${
        ourValue(entropy)
      }`,
    );
  }
  highest("6", "0.1", validation, "η 0.1 has the best validation accuracy");
  highest("6", "0.01", test, "η 0.01 has the best test accuracy");
  highest("7", "dropout", test, "dropout generalizes best: test accuracy");
  const [none, dropout] = [epochsOf("7", "none"), epochsOf("7", "dropout")];
  if (none && dropout) {
    const [apart, together] = [gapOf(none), gapOf(dropout)];
    const signed = (value: number) =>
      ourValue(value, (gap) => formatSigned(gap, 4));
    add(
      "validation loss leaves training loss, with dropout it stays (figure 10); held: more than 0.05 above it in the last epoch, and within 0.05",
      apart > 0.05 && Math.abs(together) <= 0.05,
      `difference, none: ${signed(apart)}; dropout: ${signed(together)}`,
    );
  }
  const l2 = sparsity.find(({ method }) => method === "L2");
  if (l2) {
    add(
      "L2 leads to sparse solutions (§2.2.3); held: half of the weights below 0.001",
      l2.all >= 0.5,
      sparsity.map(({ method, all }) => `${method}: ${formatPercent(all, 1)}`)
        .join("; "),
    );
  }
  return claims;
}

/** −Σ p ln p of the labels' shares, nats: the loss of knowing only these. */
function entropyOf(labels: Int32Array): number {
  return [...Map.groupBy(labels, (label) => label).values()]
    .map((same) => same.length / labels.length)
    .reduce((entropy, share) => entropy - share * Math.log(share), 0);
}

/** How much the validation loss rose from one epoch to the next, summed. */
function risesOf(rows: readonly Row[]): number {
  const losses = rows.map((row) => Number(row.validation_loss));
  return losses.slice(1).reduce(
    (sum, loss, i) => sum + Math.max(0, loss - losses[i]!),
    0,
  );
}

/** Validation less training loss in the last epoch. */
function gapOf(rows: readonly Row[]): number {
  const { validation_loss, train_loss } = rows.at(-1)!;
  return Number(validation_loss) - Number(train_loss);
}

/**
 * What a report's numbers are of.
 *
 * @param dataset whose test and validation images the accuracies are of
 * @param seed of all nets
 */
export function autodiffNotes(
  { test, validation }: Pick<ValidatedDataset, "test" | "validation">,
  seed: number,
): string[] {
  const errors = [test, validation].map(({ count }) =>
    (100 * Math.sqrt(0.75 * 0.25 / count)).toFixed(1)
  );
  return [
    `Numbers of each net's last epoch, seed ${seed}; training loss and ` +
    "accuracy are means over the epoch's batches as they were trained on. " +
    `With ${test.count} test and ${validation.count} validation images, one ` +
    `standard error of an accuracy of 75 % is ${
      errors.join(" and ")
    } points. ` +
    "Every flag is in config.json, what each epoch took in times.csv.",
  ];
}
