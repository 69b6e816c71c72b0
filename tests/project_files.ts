/** The project's directory. */
export const ROOT = new URL("..", import.meta.url);

/** The text of one of the project's files. */
export function readFile(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Whether a file or a directory is there. */
export function fileExists(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch {
    return false;
  }
}

/** Paths of the TypeScript files in a directory and those below it. */
function listFiles(directory: string): string[] {
  const files: string[] = [];
  for (
    const { name, isDirectory } of Deno.readDirSync(new URL(directory, ROOT))
  ) {
    if (isDirectory) files.push(...listFiles(`${directory}${name}/`));
    else if (name.endsWith(".ts")) files.push(`${directory}${name}`);
  }
  return files.sort();
}

const PARTS = [
  "scripts",
  "lib",
  "kernels",
  "tests",
  "bench",
  "docs/examples",
];

/** Paths of all the project's TypeScript files, from its directory. */
export const FILES: readonly string[] = [
  ...PARTS.flatMap((part) => listFiles(`${part}/`)),
  "mod.ts",
];

/** A path and the file's text. */
export type SourceFile = readonly [path: string, source: string];

/** Those files whose paths begin with `prefix`, with their text. */
export function sourcesIn(prefix: string): SourceFile[] {
  return FILES.filter((path) => path.startsWith(prefix))
    .map((path) => [path, readFile(path)]);
}

/** A file without its comments: examples in them import other names. */
export function withoutComments(source: string): string {
  return source.replace(/^\s*(\/\*[^]*?\*\/|\/\/.*$)/gm, "");
}

/** What the tests read of deno.json. */
interface Config {
  /** The file of each path of the package, from "." on. */
  exports: Record<string, string>;
  imports: Record<string, string>;
  tasks: Record<string, string | { command: string; description?: string }>;
  /** What each permission set grants. */
  permissions: Record<string, Record<string, unknown>>;
}

export function readConfig(): Config {
  return JSON.parse(readFile("deno.json"));
}

/** What a source imports, also types, also dynamically. */
export function importsOf(source: string): string[] {
  const names = /(?:[\w$]+\s*,\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|[\w$]+)/;
  const form = new RegExp(
    `(?:^|[;}])\\s*(?:import|export)\\s*(?:(?:type\\s+)?${names.source}\\s*from)?\\s*["']([^"'\\n]+)["']` +
      `|\\bimport\\(\\s*["'\`]([^"'\`]+)["'\`]`,
    "gm",
  );
  return [...withoutComments(source).matchAll(form)]
    .map(([, statically, dynamically]) => statically ?? dynamically!);
}

/** Which of the project's files a file imports, also as a worker or by URL. */
export function targetsOf([path, source]: SourceFile): string[] {
  const urls = [
    ...withoutComments(source).matchAll(
      /new URL\(\s*"(\.[^"]+\.ts)",\s*import\.meta\.url/g,
    ),
  ].map(([, specifier]) => specifier!);
  return [...importsOf(source), ...urls]
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) =>
      new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length)
    );
}

/**
 * The floors of lib, from the ground up: a room may import its own files and
 * those of the floors below it.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["base"],
  ["charts", "matrices", "wasm"],
  ["data", "images", "losses", "ops"],
  ["cli", "models", "optimizers"],
  ["backend", "jobs"],
  ["run"],
  ["reporting"],
  ["train"],
  ["onnx"],
  ["reports"],
];
