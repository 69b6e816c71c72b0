import assert from "node:assert/strict";
import type { Figure } from "../../../lib/charts/figure.ts";
import { lineFigure } from "../../../lib/charts/figure.ts";
import { openRunDirectory } from "../../../lib/run/run_directory.ts";
import type { Report } from "../../../lib/reporting/report.ts";
import {
  reportMarkdown,
  writeReport,
} from "../../../lib/reporting/write_report.ts";
import { inTemporaryDirectory } from "../../in_temporary_directory.ts";
import { equal } from "node:assert/strict";
import { createRunRecord } from "../../../lib/run/run_record.ts";

/** A picture with parts that refer to each other, as Vega's legends do. */
const SVG = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2" viewBox="0 0 4 2">
<defs><clipPath id="clip0"><rect width="2" height="2"/></clipPath>
<path id="mark" d="M0,0h1"/></defs>
<g clip-path="url(#clip0)"><use href="#mark"/></g><text>url(#1)</text>
</svg>
`;

function figure(file: string, picture: string | Uint8Array): Figure {
  return {
    file,
    title: `Picture "${file}" & <more>`,
    text: ({ width }) => `${file}, drawn ${width} wide`,
    picture: () => Promise.resolve(picture),
  };
}

const REPORT: Report = {
  title: "Report 9: ReLU_α < ReLU | *both*",
  command: "deno task nine --lambda 0.5 --out runs/<nine>",
  rows: [
    {
      quantity: "Σ|αᵢ| after 3 epochs",
      reported: "0.90",
      ours: "0.91 ± 0.01",
      difference: "+0.01",
    },
  ],
  claims: [
    {
      claim: "α < 1",
      verdict: "did not hold",
      measured: "1.25; 1.5",
    },
    {
      claim:
        "the net is as exact without activation as with it, whatever the weight of the penalty is",
      verdict: "could not be tested",
      measured: "",
    },
  ],
  tables: [
    {
      title: "Per class",
      columns: ["class", "errors"],
      rows: [["bag", "12"], ["boot", "3"]],
    },
    { title: "Nothing", columns: ["class"], rows: [] },
  ],
  figures: [
    figure("a.svg", SVG),
    figure("b.svg", SVG),
    figure("c.png", new Uint8Array([1, 2, 253, 254, 255])),
  ],
  deviations: ["Seeds are ours:\n  `--seed`.", "λ Σ |α| is in the loss."],
  notes: [
    "After 3 epochs.",
    "See <script>alert(1)</script> and [there](http://x.y)",
  ],
};

interface Outcome {
  shown: string;
  files: Record<string, string>;
}

/** What a report leaves, of a run on some threads. */
async function written(report: Report, threads = 2): Promise<Outcome> {
  const shown: string[] = [];
  const files: Record<string, string> = {};
  await inTemporaryDirectory(async (path) => {
    const run = openRunDirectory({
      path,
      files: [
        "report.md",
        "report.html",
        ...report.figures.map(({ file }) => file),
      ],
      config: {},
      pinned: {
        task: "nine",
        simd: "relaxed",
        sha256: { images: "0123456789abcdef".repeat(4) },
      },
      environment: { threads, deno: "2.9.6" },
      force: false,
      resume: false,
    });
    run.begin();
    const output = { log: (text: string) => shown.push(text), result() {} };
    await writeReport(run, output, report);
    run.finish();
    run.close();
    for (const { name } of Deno.readDirSync(path)) {
      files[name] = Deno.readTextFileSync(`${path}/${name}`);
    }
  });
  return { shown: shown.join("\n"), files };
}

Deno.test("writeReport() leaves report.md", async () => {
  const { files } = await written(REPORT);
  assert.equal(
    files["report.md"],
    String.raw`# Report 9: ReLU_α \< ReLU \| \*both\*

    deno task nine --lambda 0.5 --out runs/<nine>

## Reported and ours

| quantity               | reported |        ours | difference |
| ---------------------- | -------: | ----------: | ---------: |
| Σ\|αᵢ\| after 3 epochs |     0.90 | 0.91 ± 0.01 |      +0.01 |

## Claims

| claim                                                                                    | verdict             | measured  |
| ---------------------------------------------------------------------------------------- | ------------------- | --------- |
| α \< 1                                                                                   | did not hold        | 1.25; 1.5 |
| the net is as exact without activation as with it, whatever the weight of the penalty is | could not be tested |           |

## Per class

| class | errors |
| ----- | -----: |
| bag   |     12 |
| boot  |      3 |

## Figures

![Picture "a.svg" & \<more>](a.svg)

![Picture "b.svg" & \<more>](b.svg)

![Picture "c.png" & \<more>](c.png)

Picture "c.png" & \<more>

## Deviations

1. Seeds are ours: ${"`--seed`"}.
2. λ Σ |α| is in the loss.

## Notes

After 3 epochs.

See <script>alert(1)</script> and [there](http://x.y)

## Environment

- simd: relaxed
- sha256: images 0123456789ab…
- deno: 2.9.6
`,
  );
  assert.equal(files["a.svg"], SVG);
});

Deno.test("writeReport() says nothing of what a report does not have", async () => {
  const { files, shown } = await written({
    title: "Bare",
    command: "deno task bare",
    rows: [],
    figures: [],
    deviations: [],
    notes: [],
  });
  assert.equal(shown, "");
  assert.deepEqual(files["report.md"]!.match(/^#.*/gm), [
    "# Bare",
    "## Environment",
  ]);
});

/** Elements that have no end tag in HTML. */
const VOID = ["meta", "img", "br", "hr"];

/** A document's tags, each closed by its own end tag, and its texts. */
function parseHtml(html: string): { tags: string[]; text: string } {
  const open: string[] = [];
  const tags: string[] = [];
  let text = "";
  const piece =
    /<(\/?)([a-z]\w*)((?:\s[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>|[^<]+/gi;
  let end = 0;
  const body = html.replace(/^<!doctype html>\n/, "");
  for (const match of body.matchAll(piece)) {
    assert.equal(match.index, end, `no HTML: ${body.slice(end, end + 40)}`);
    end += match[0].length;
    const [whole, closing, name] = match;
    if (name === undefined) text += whole;
    else if (closing === "/") assert.equal(open.pop(), name);
    else {
      tags.push(whole);
      if (match[4] === "" && !VOID.includes(name)) open.push(name);
    }
  }
  assert.equal(end, body.length);
  assert.deepEqual(open, []);
  return {
    tags,
    text: text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
      .replaceAll("&lt;", "<").replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
  };
}

Deno.test("writeReport() leaves report.html, which needs nothing else", async () => {
  const { files } = await written(REPORT);
  const { tags, text } = parseHtml(files["report.html"]!);
  const all = tags.join("\n");
  assert.ok(!/<(script|link|a|iframe|object)\b/.test(all));
  assert.ok(!/\son\w+=/.test(all), "a handler");
  for (const [, target] of all.matchAll(/(?:src|href|url\()="?([^")]*)/g)) {
    assert.match(target!, /^(#|data:image\/png;base64,)/);
  }
  const image = /src="data:image\/png;base64,(.*)"/.exec(all)![1]!;
  assert.deepEqual([...Uint8Array.fromBase64(image)], [1, 2, 253, 254, 255]);
  assert.match(all, /<img alt="Picture &#34;c.png&#34; &#38; &#60;more&#62;"/);
  for (
    const shown of [
      "Report 9: ReLU_α < ReLU | *both*",
      "Σ|αᵢ| after 3 epochs",
      "runs/<nine>",
      "Seeds are ours: --seed.",
      "did not hold",
      "<script>alert(1)</script> and there (http://x.y)",
      "simd: relaxed",
      "url(#1)",
      'Picture "c.png" & <more>',
    ]
  ) assert.ok(text.includes(shown), shown);
  assert.match(files["report.html"]!, /<td class="number">0.91 ± 0.01<\/td>/);
  assert.match(files["report.html"]!, /<td>did not hold<\/td>/);
});

Deno.test("writeReport() gives the parts of each figure names of their own", async () => {
  const { files } = await written(REPORT);
  const { tags } = parseHtml(files["report.html"]!);
  const values = (form: RegExp) =>
    [...tags.join("\n").matchAll(form)].map(([, id]) => id!);
  const ids = values(/\sid="(.*?)"/g);
  assert.equal(ids.length, 4);
  assert.equal(new Set(ids).size, 4);
  const used = values(/(?:url\(|href=")#(.*?)[")]/g);
  assert.deepEqual(used.sort(), ids.sort());
});

Deno.test("writeReport() gives the same bytes again, at any number of threads", async () => {
  const chart = () =>
    lineFigure("loss.svg", {
      title: "Loss",
      xLabel: "step",
      yLabel: "loss",
      series: [{ name: "relu", values: [3, 1, 2] }],
    });
  const bytes = async (threads: number) => {
    const report = { ...REPORT, figures: [chart(), ...REPORT.figures] };
    const { "config.json": _, ...files } =
      (await written(report, threads)).files;
    return files;
  };
  const first = await bytes(1);
  parseHtml(first["report.html"]!);
  assert.match(first["report.html"]!, /<svg[^]*>Loss<\/text>/);
  assert.deepEqual(await bytes(2), first);
});

Deno.test("writeReport() shows figures and tables within 80 columns", async () => {
  const { shown } = await written(REPORT);
  assert.equal(
    shown,
    `
a.svg, drawn 80 wide

b.svg, drawn 80 wide

c.png, drawn 80 wide

┌──────────────────────┬──────────┬─────────────┬────────────┐
│ quantity             │ reported │        ours │ difference │
├──────────────────────┼──────────┼─────────────┼────────────┤
│ Σ|αᵢ| after 3 epochs │     0.90 │ 0.91 ± 0.01 │      +0.01 │
└──────────────────────┴──────────┴─────────────┴────────────┘

┌────────────────────────────────────────────┬─────────────────────┬───────────┐
│ claim                                      │ verdict             │ measured  │
├────────────────────────────────────────────┼─────────────────────┼───────────┤
│ α < 1                                      │ did not hold        │ 1.25; 1.5 │
├────────────────────────────────────────────┼─────────────────────┼───────────┤
│ the net is as exact without activation as  │ could not be tested │           │
│ with it, whatever the weight of the        │                     │           │
│ penalty is                                 │                     │           │
└────────────────────────────────────────────┴─────────────────────┴───────────┘

Per class
┌───────┬────────┐
│ class │ errors │
├───────┼────────┤
│ bag   │     12 │
│ boot  │      3 │
└───────┴────────┘`,
  );
});

Deno.test("writeReport() leaves out a chart of one epoch, and its file", async () => {
  const chart = (file: string, values: number[]) =>
    lineFigure(file, {
      title: `Loss in ${file}`,
      xLabel: "epoch",
      yLabel: "loss",
      series: [{ name: "training", values }],
    });
  const { shown, files } = await written({
    ...REPORT,
    figures: [
      chart("one.svg", [1]),
      chart("gap.svg", [NaN, 2]),
      chart("two.svg", [1, 2]),
    ],
  });
  assert.deepEqual(Object.keys(files).filter((name) => /svg$/.test(name)), [
    "two.svg",
  ]);
  for (const text of [shown, files["report.md"]!, files["report.html"]!]) {
    assert.deepEqual(
      text.match(/Loss in \w+/g)!.filter((title) => title !== "Loss in two"),
      [],
    );
  }
});

Deno.test("reportMarkdown() names each environment of a run that went on elsewhere", () => {
  const environment = { threads: 2, deno: "2.9.6", host: "x86_64" };
  const record = createRunRecord(
    { config: { seed: 3 }, pinned: { fusedMultiplyAdd: true, files: ["a"] } },
    environment,
    [],
  );
  record.resumedIn.push(
    { ...environment, threads: 4 },
    { ...environment, deno: "2.9.7" },
  );
  const report = {
    title: "Bare",
    command: "deno task bare",
    rows: [],
    figures: [],
    deviations: [],
    notes: [],
  };
  equal(
    reportMarkdown(report, record),
    `# Bare

    deno task bare

## Environment

- fusedMultiplyAdd: true
- files: a
- deno: 2.9.6, then 2.9.7
- host: x86_64
`,
  );
});
