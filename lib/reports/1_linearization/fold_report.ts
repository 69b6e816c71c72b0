import {
  escapeMarkdown,
  formatPercent,
  minusSigns,
} from "../../base/format.ts";
import type { Claim, ReportTable } from "../../reporting/report.ts";
import type { CsvRow } from "../../run/csv_log.ts";
import {
  type FoldKind,
  type LayerRow,
  namesText,
  rowsOf,
  totalOf,
} from "./fold_figure.ts";
import { activationsText, netBytes } from "./fold_nets.ts";
import type { PairedTimes, ProvenFold } from "./fold_proof.ts";

/** With the times of the first: they do not depend on the parameters. */
export interface TimedKind extends FoldKind {
  readonly times: readonly PairedTimes[];
}

/** What came of a run's nets. */
export interface FoldResult {
  readonly folds: readonly ProvenFold[];
  readonly kinds: readonly TimedKind[];
  /** Why nets were not folded, a sentence each. */
  readonly refused: readonly string[];
}

/**
 * The largest difference of logits that is put down to rounding, by the largest
 * logit: float32's unit is 6e-8, and sums have up to 25,088 terms.
 */
const TOLERANCE = 1e-5;

const format = (value: number) => value.toLocaleString("en");
const tiny = (value: number) =>
  value === 0 ? "0" : minusSigns(value.toExponential(1));
const parametersOf = (rows: readonly LayerRow[]) =>
  rows.reduce((sum, { parameters }) => sum + parameters, 0);

/** What the folds come to, a row of numbers per net, for metrics.csv. */
export function foldRows({ folds }: FoldResult): CsvRow[] {
  return folds.map((fold) => {
    const { before, after } = rowsOf(fold);
    const { proof } = fold;
    return {
      net: fold.name,
      multiply_adds_before: totalOf(before),
      multiply_adds_after: totalOf(after),
      parameters_before: parametersOf(before),
      parameters_after: parametersOf(after),
      bytes_before: netBytes(fold.snapped).length,
      bytes_after: netBytes(fold.folded.layers).length,
      onnx_bytes_before: fold.onnxBefore.length,
      onnx_bytes_after: fold.onnxAfter.length,
      test_images: proof.images,
      test_accuracy_before: proof.correctBefore / proof.images,
      test_accuracy_after: proof.correctAfter / proof.images,
      changed_by_snapping: proof.snapping.changed,
      changed_by_folding: proof.folding.changed,
      changed_by_onnxruntime: proof.onnx.changed,
      largest_logit: proof.largestLogit,
      snapping_difference: proof.snapping.largestDifference,
      folding_difference: proof.folding.largestDifference,
      onnxruntime_difference: proof.onnx.largestDifference,
      float64_images: proof.reference.images,
      float64_fold_difference: proof.reference.fold,
      float64_before_difference: proof.reference.before,
      float64_after_difference: proof.reference.after,
    };
  });
}

type Row = Readonly<Record<string, number | string>>;

/** The tables of the report. */
export function foldTables(result: FoldResult): ReportTable[] {
  const rows = foldRows(result) as Row[];
  const pair = (row: Row, name: string, text: (n: number) => string = format) =>
    `${text(row[`${name}_before`] as number)} → ${
      text(row[`${name}_after`] as number)
    }`;
  const percent = (share: number) => formatPercent(share);
  return [
    {
      title: "What is left",
      columns: ["net", "multiply-adds", "ratio", "parameters", "bytes"],
      rows: rows.map((row) => [
        `${row.net}`,
        pair(row, "multiply_adds"),
        ratioText(
          Number(row.multiply_adds_before) / Number(row.multiply_adds_after),
        ),
        pair(row, "parameters"),
        pair(row, "bytes"),
      ]),
    },
    {
      title: "What changes, of the test images' classes and logits",
      columns: [
        "net",
        "accuracy",
        "by α = 0",
        "by the fold",
        "in onnxruntime",
        "float64: fold, before, after",
      ],
      rows: rows.map((row) => [
        `${row.net}`,
        pair(row, "test_accuracy", percent),
        `${row.changed_by_snapping}; ${tiny(Number(row.snapping_difference))}`,
        `${row.changed_by_folding}; ${tiny(Number(row.folding_difference))}`,
        `${row.changed_by_onnxruntime}; ${
          tiny(Number(row.onnxruntime_difference))
        }`,
        ["fold", "before", "after"]
          .map((which) => tiny(Number(row[`float64_${which}_difference`])))
          .join(", "),
      ]),
    },
    {
      title: "Time from pixels to logits, ms, medians of pairs",
      columns: ["nets", "images", "program", "before", "folded", "ratio"],
      rows: result.kinds.flatMap(({ names, times }) =>
        times.map((time) => [
          namesText(names),
          `${time.batchSize}`,
          time.program,
          time.before.toFixed(3),
          time.after.toFixed(3),
          `${ratioText(time.ratios[0])} (${ratioText(time.ratios[1])}–${
            ratioText(time.ratios[2])
          })`,
        ])
      ),
    },
    ...result.kinds.flatMap(({ names, before, after }) =>
      [["before", before], ["folded", after]].map(([which, rows]) => ({
        title: `${namesText(names)}, ${which}`,
        columns: ["layer", "gives", "multiply-adds", "parameters"],
        rows: (rows as readonly LayerRow[]).map((row) => [
          row.layer,
          row.shape,
          format(row.multiplyAdds),
          format(row.parameters),
        ]),
      }))
    ),
  ];
}

function ratioText(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : ratio < 100 ? 1 : 0);
}

/** Whether the folded nets do what the nets do. */
export function foldClaims({ folds }: FoldResult): Claim[] {
  const claim = (claim: string, fails: readonly string[], measured: string) =>
    ({
      claim,
      verdict: fails.length === 0 ? "held" : "did not hold",
      measured: fails.length === 0 ? measured : fails.join("; "),
    }) as const;
  const images = format(folds[0]!.proof.images);
  const changed = (which: "folding" | "onnx") =>
    folds.filter(({ proof }) => proof[which].changed > 0)
      .map(({ name, proof }) => `${name}: ${proof[which].changed} differ`);
  const far = (which: "folding" | "onnx") =>
    folds.filter(({ proof }) => !isRounding(proof, which)).map((fold) =>
      `${fold.name}: ${tiny(fold.proof[which].largestDifference)} of ${
        tiny(fold.proof.largestLogit)
      }`
    );
  const largest = (which: "folding" | "onnx") =>
    tiny(
      folds.reduce(
        (most, { proof }) => Math.max(most, proof[which].largestDifference),
        0,
      ),
    );
  const exact = folds.filter(({ proof }) =>
    !(proof.reference.fold <= 1e-12 * proof.largestLogit)
  );
  return [
    claim(
      `the folded nets give each of ${images} test images its class`,
      changed("folding"),
      `none differs, ${folds.length} nets`,
    ),
    claim(
      "their logits are the nets' but for float32's rounding; held: within 1e-5 of the largest logit",
      far("folding"),
      `${largest("folding")} at most`,
    ),
    claim(
      "in float64 the fold is exact, borders included; held: within 1e-12 of the largest logit",
      exact.map(({ name, proof }) => `${name}: ${tiny(proof.reference.fold)}`),
      `${
        tiny(
          folds.reduce((m, { proof }) => Math.max(m, proof.reference.fold), 0),
        )
      } at most, ${folds[0]!.proof.reference.images} images`,
    ),
    claim(
      "onnxruntime runs the folded nets to the same classes and logits, as above",
      [...changed("onnx"), ...far("onnx")],
      `${largest("onnx")} at most`,
    ),
  ];
}

function isRounding(
  proof: ProvenFold["proof"],
  which: "folding" | "onnx",
): boolean {
  return proof[which].largestDifference <= TOLERANCE * proof.largestLogit;
}

/** What there is to say of the nets beside the tables, as Markdown. */
export function foldNotes(
  { folds, refused }: FoldResult,
  epsilon: number,
): string[] {
  const set = folds.filter(({ trained, snapped }) =>
    trained.some((layer, i) => {
      const now = snapped[i]!;
      return layer.kind === "activation" && now.kind === "activation" &&
        layer.alpha?.some((alpha, k) => alpha !== now.alpha![k]);
    })
  );
  return [
    "Multiply-adds are those of an image, the products with the zeros of the padding included; bytes are those of a net's safetensors file. Where a padded convolution follows another one, the first one's output ends at the image, so that outputs near the border have kernels of their own: 25 where two rows and columns are at each side.",
    "Each cell of what changes has the number of test images that are taken for another class, and the largest absolute difference of their logits. The last column has the latter beside float64, of a sample of the images: of the folded net in float64, of the net and of the folded net in float32.",
    "Times are of pairs of calls in turn, the order reversed in each; behind the median of the pairs' ratios, before by folded, are the quartiles. onnxruntime-web has one thread.",
    ...set.length === 0 ? [] : [
      `α at most ${epsilon} from 0 were set to 0 in ${
        escapeMarkdown(namesText(set.map(({ name }) => name)))
      }: ${
        escapeMarkdown(
          set.slice(0, 3).map((fold) => activationsText(fold.trained)).join(
            "; ",
          ),
        )
      }.`,
    ],
    ...refused.map((text) => `${escapeMarkdown(text)}.`),
  ];
}

/** What `--json` prints. */
export function foldNumbers(result: FoldResult) {
  return {
    nets: foldRows(result),
    times: result.kinds.map(({ names, times }) => ({ names, times })),
    refused: result.refused,
  };
}

/** What keeps a fold from being vouched for; undefined where nothing does. */
export function foldFailure({ folds }: FoldResult): Error | undefined {
  const bad = folds.find(({ proof }) => !isRounding(proof, "folding"));
  return bad && new Error(
    `Cannot vouch for net-${bad.name}.safetensors: logits must differ by ${TOLERANCE} of the largest at most: got ${bad.proof.folding.largestDifference} of ${bad.proof.largestLogit}`,
  );
}
