import assert from "node:assert/strict";
import { FLOORS, readConfig, readFile, ROOT } from "./project_files.ts";

/** Paths of the pages in a directory and those below it. */
function pagesIn(directory: string): string[] {
  const entries = [...Deno.readDirSync(new URL(directory, ROOT))];
  return entries.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return pagesIn(`${directory}${name}/`);
    return name.endsWith(".md") ? [`${directory}${name}`] : [];
  });
}

/** The pages at the root, and those of docs/ and data/. */
const PAGES = [
  ...[...Deno.readDirSync(ROOT)].map(({ name }) => name)
    .filter((name) => name.endsWith(".md")),
  ...pagesIn("docs/"),
  ...pagesIn("data/"),
];

/** The page without its blocks of code. */
function proseOf(page: string): string {
  return page.replace(/^(`{3,}).*?^\1$/gms, "");
}

/** What a page's headings are called in links to them, as GitHub does it. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-")
  );
}

function exists(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch {
    return false;
  }
}

/** Links of a page that lead to no file of the project or to no heading. */
function brokenLinks(path: string, page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)];
  return links.map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file, anchor] = target.split("#") as [string, string?];
      const url = new URL(file, new URL(path, ROOT));
      if (file !== "" && !exists(url)) return true;
      if (anchor === undefined) return false;
      const text = file === "" ? page : Deno.readTextFileSync(url);
      return !anchorsOf(text).includes(decodeURIComponent(anchor));
    })
    .map((target) => `${path} → ${target}`);
}

/** What recipes have their reader make: files, and a task. */
const TO_BE_MADE =
  /\/(?:cube|softmax_regression)(?:_test)?\.ts$|^softmax-regression$/;

/** Tasks that a page names and that deno.json does not have. */
function unknownTasks(path: string, page: string): string[] {
  const { tasks } = readConfig();
  return [...page.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w:-]*)/g)]
    .map(([, task]) => task!)
    .filter((task) => !TO_BE_MADE.test(task) && !(task in tasks))
    .map((task) => `${path}: deno task ${task}`);
}

/** Files of the project that a page names and that are not there. */
function missingFiles(path: string, page: string): string[] {
  const form = /`((?:bench|data|docs|kernels|lib|scripts|tests)\/[\w./-]+)`/g;
  return [...proseOf(page).matchAll(form)].map(([, name]) => name!)
    .filter((name) => !TO_BE_MADE.test(name) && !exists(new URL(name, ROOT)))
    .map((name) => `${path}: ${name}`);
}

/** Files that a page shows: their paths end a sentence before them. */
function filesOf(page: string): [path: string, source: string][] {
  const form = /`([\w./-]+\.ts)`:\n\n(`{3,})ts\n(.*?)^\2$/gms;
  return [...page.matchAll(form)]
    .map(([, path, , source]) => [path!, source!]);
}

/** Names that a recipe's files import and that are not exported there. */
function missingImports(page: string): string[] {
  return filesOf(page).flatMap(([path, source]) => {
    const form = /^import (?:type )?{([^}]*)} from "(\.[^"]+)"/gm;
    return [...source.matchAll(form)].flatMap(([, list, specifier]) => {
      const extension = specifier!.endsWith(".ts") ? "" : ".ts";
      const url = new URL(specifier! + extension, new URL(path, ROOT));
      if (TO_BE_MADE.test(url.pathname)) return [];
      const target = exists(url) ? Deno.readTextFileSync(url) : "";
      return list!.split(",").map((name) => name.replace("type ", "").trim())
        .filter((name) => name !== "")
        .filter((name) =>
          !new RegExp(`^export [^;]*?\\b${name}\\b`, "m").test(target)
        )
        .map((name) => `${path}: ${name} of ${specifier}`);
    });
  });
}

Deno.test("a broken link, an unknown task and a missing file are seen", () => {
  const links = "[a](README.md) [b](#one-α-two) [c](https://example.org)";
  assert.deepEqual(brokenLinks("a.md", `# One: α, two\n${links}`), []);
  assert.equal(brokenLinks("a.md", "[a](none.md) [b](#none)").length, 2);
  assert.equal(brokenLinks("docs/a.md", "[a](README.md)").length, 1);
  assert.deepEqual(unknownTasks("a.md", "`deno task ok`, deno task NAME"), []);
  assert.equal(unknownTasks("a.md", "deno task none-such").length, 1);
  assert.deepEqual(missingFiles("a.md", "`lib/run/`, `lib/<room>/a.ts`"), []);
  assert.equal(missingFiles("a.md", "`lib/none/such.ts`").length, 1);
  const recipe = (name: string) =>
    "In `tests/a_test.ts`:\n\n```ts\n" +
    `import { type Op, ${name} } from "./ops_suite.ts";\n` + "```\n";
  assert.deepEqual(missingImports(recipe("testOp")), []);
  assert.equal(missingImports(recipe("noSuch")).length, 1);
});

Deno.test("links of the pages lead to files and headings that are there", () => {
  assert.ok(PAGES.includes("README.md") && PAGES.includes("docs/runs.md"));
  const broken = PAGES.flatMap((path) => brokenLinks(path, readFile(path)));
  assert.deepEqual(broken, []);
});

Deno.test("pages name tasks and files that are there", () => {
  const wrong = PAGES.flatMap((path) => [
    ...unknownTasks(path, readFile(path)),
    ...missingFiles(path, readFile(path)),
  ]);
  assert.deepEqual(wrong, []);
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

Deno.test("the README can be read at a sitting", () => {
  const lines = readFile("README.md").split("\n").length;
  assert.ok(lines <= 150, `${lines} lines`);
});

Deno.test("ARCHITECTURE.md has each floor with its rooms", () => {
  const rows = readFile("ARCHITECTURE.md")
    .matchAll(/^\| +(\d+) \| (.*?) +\| /gm);
  const floors = [...rows].map(([, floor, rooms]) => [
    Number(floor),
    [...rooms!.matchAll(/`lib\/(\w+)\/`/g)].map(([, room]) => room!).sort(),
  ]);
  const expected = FLOORS.map((rooms, i) => [i + 1, [...rooms].sort()]);
  assert.deepEqual(floors, expected.toReversed());
});

Deno.test("CITATION.cff has the package's version", () => {
  const { version } = JSON.parse(readFile("deno.json"));
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const [, cited] = /^version: (.*)$/m.exec(readFile("CITATION.cff")) ?? [];
  assert.equal(cited, version);
});
