import { equal } from "node:assert/strict";
import { reportMarkdown } from "../../../lib/reporting/report_markdown.ts";
import { createRunRecord } from "../../../lib/run/run_record.ts";

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
    ...{ title: "Bare", command: "deno task bare", rows: [], figures: [] },
    ...{ deviations: [], notes: [] },
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
