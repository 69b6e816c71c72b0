/** What CONTRIBUTING.md shows of files to make, against the files there are. */
import assert from "node:assert/strict";
import { fileExists, readFile, ROOT } from "./project_files.ts";

/** Files that a page shows: their paths end a sentence before them. */
function filesOf(page: string): [path: string, source: string][] {
  const form = /`([\w./-]+\.ts)`:\n\n(`{3,})ts\n(.*?)^\2$/gms;
  return [...page.matchAll(form)]
    .map(([, path, , source]) => [path!, source!]);
}

/** Names that a recipe's files import and that are not exported there. */
function missingImports(page: string): string[] {
  const files = filesOf(page);
  const shown = files.map(([path]) => new URL(path, ROOT).href);
  return files.flatMap(([path, source]) => {
    const form = /^import (?:type )?{([^}]*)} from "(\.[^"]+)"/gm;
    return [...source.matchAll(form)].flatMap(([, list, specifier]) => {
      const extension = specifier!.endsWith(".ts") ? "" : ".ts";
      const url = new URL(specifier! + extension, new URL(path, ROOT));
      if (shown.includes(url.href)) return [];
      const target = fileExists(url) ? Deno.readTextFileSync(url) : "";
      return list!.split(",").map((name) => name.replace("type ", "").trim())
        .filter((name) => name !== "")
        .filter((name) =>
          !new RegExp(`^export [^;]*?\\b${name}\\b`, "m").test(target)
        )
        .map((name) => `${path}: ${name} of ${specifier}`);
    });
  });
}

Deno.test("an import of a recipe that is not there is seen", () => {
  const recipe = (name: string) =>
    "In `tests/a_test.ts`:\n\n```ts\n" +
    `import { type Op, ${name} } from "./ops_suite.ts";\n` + "```\n";
  assert.deepEqual(missingImports(recipe("testOp")), []);
  assert.equal(missingImports(recipe("noSuch")).length, 1);
});

Deno.test("files of the recipes import what is there", () => {
  const page = readFile("CONTRIBUTING.md");
  assert.deepEqual(missingImports(page), []);
  // That it looked at something.
  const renamed = page.replaceAll(/\b(?:testOp|runTask|F32)\b/g, "renamed");
  assert.equal(missingImports(renamed).length, 4);
});

Deno.test("the recipe of a script has the types of the toolkit", async () => {
  const directory = await Deno.makeTempDir();
  try {
    // The kernel's files want what its build writes.
    const files = filesOf(readFile("CONTRIBUTING.md"))
      .filter(([path]) => /^(?:scripts|tests\/e2e)\//.test(path));
    assert.equal(files.length, 2);
    const copies = files.map(([path, source]) => {
      const copy = `${directory}/${path.replaceAll("/", "-")}`;
      const absolute = source.replace(
        /(from ")(\.[^"]+)/g,
        (_, from, target) => from + new URL(target, new URL(path, ROOT)).href,
      );
      Deno.writeTextFileSync(copy, absolute);
      return copy;
    });
    const { stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", "--config", "deno.json"].concat(copies),
      cwd: ROOT,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
