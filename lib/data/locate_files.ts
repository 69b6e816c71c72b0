import { join, relative } from "node:path";
import { explainIoError } from "../base/errors.ts";
import { isPublished, type WantedFile } from "./data_file.ts";

/** Levels of folders to search: torchvision has its MNIST in MNIST/raw. */
const DEPTH = 2;

/** A wanted file, and where it is. */
export interface LocatedFile extends WantedFile {
  readonly path: string;
}

/** What stands in the place of a wanted file and is no such one. */
export interface OtherForm {
  /** Of a file's name. */
  readonly pattern: RegExp;
  /** What it is, in words. */
  readonly is: string;
}

/** A folder, and the wanted files right in it. */
interface Place {
  readonly folder: string;
  readonly depth: number;
  readonly names: readonly string[];
  readonly found: readonly LocatedFile[];
}

/** An archive of the whole, as some sites hand it out. */
const ARCHIVE: OtherForm = {
  pattern: /\.(zip|7z|rar)$/i,
  is: "which must be unpacked first",
};

/**
 * Looks for a data set's files, right in a folder or in a folder below it, all
 * in one place; those right in it come first. Upper and lower case are one, and
 * what macOS leaves in archives (`__MACOSX`, names with a dot) is passed over.
 *
 * @param folder where to look
 * @param options.name the data set's name, for errors
 * @param options.files all of them are needed
 * @param options.parts files of which some will do, where not all of those are
 * @param options.others what is told apart where nothing is found
 * @returns the files, or parts, with their paths
 * @throws {Error} when they are not there, or in several places of which not
 * one alone has the published files; when a folder cannot be read
 */
export function locateFiles(folder: string, options: {
  name: string;
  files: readonly WantedFile[];
  parts?: readonly WantedFile[];
  others?: readonly OtherForm[];
}): readonly LocatedFile[] {
  const { name, files, parts = [], others = [] } = options;
  const fail = (expected: string, actual: string) =>
    new Error(`Cannot bring ${name}: ${expected}: got ${actual}`);
  const listings = [...listFolders(folder, 0)];
  if (listings.length === 0) {
    const what = isThere(folder) ? "a file" : "nothing of that name";
    throw fail(`${folder} must be a folder`, what);
  }
  const placesOf = (wanted: readonly WantedFile[]): Place[] =>
    listings.map((one) => ({ ...one, found: findIn(one, wanted) }));
  const placesOfFiles = placesOf(files);
  const whole = placesOfFiles.filter(({ found }) =>
    found.length === files.length
  );
  const some = placesOf(parts).filter(({ found }) => found.length > 0)
    .map((place) => ({ ...place, found: place.found.filter(isNotPackedToo) }));
  const places = whole.length > 0 ? whole : some;
  if (places.length > 0) {
    const [first, second] = places;
    if (first!.depth === 0 || second === undefined) return first!.found;
    const published = places.filter(({ found: [file] }) =>
      isPublished(read(file!.path), file!)
    );
    if (published.length === 1) return published[0]!.found;
    throw fail(
      `${folder} must hold its files once`,
      `them in ${first!.folder} and ${second.folder}`,
    );
  }
  const best = placesOfFiles.reduce((best, one) =>
    one.found.length > best.found.length ? one : best
  );
  const missing = files.find(({ name }) =>
    best.found.every((file) => file.name !== name)
  )!;
  throw fail(
    `${best.folder} must hold ${missing.name}`,
    describeOther(folder, listings, [...others, ARCHIVE]) ?? "no such file",
  );
}

/** The wanted files right in a folder, by the first of their names. */
function findIn(
  { folder, names }: Pick<Place, "folder" | "names">,
  wanted: readonly WantedFile[],
): LocatedFile[] {
  const present = new Map(names.map((name) => [name.toLowerCase(), name]));
  return wanted.flatMap((file) => {
    const found = [file.name, ...file.aliases ?? []]
      .map((name) => present.get(name.toLowerCase()))
      .find((name) => name !== undefined);
    return found === undefined ? [] : { ...file, path: join(folder, found) };
  });
}

/** Whether a file does not lie beside its own gzipped one, which is taken. */
function isNotPackedToo(
  { name }: LocatedFile,
  _: number,
  files: readonly LocatedFile[],
): boolean {
  return files.every((file) => file.name !== `${name}.gz`);
}

/** The folder and those below it, upper ones first, with their files' names. */
function listFolders(folder: string, depth: number): Omit<Place, "found">[] {
  let entries;
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (depth > 0) return []; // somebody else's, in the user's folder
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return [];
    throw explainIoError(`read ${folder}`, error);
  }
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  const names = entries.filter(({ isDirectory }) => !isDirectory)
    .map(({ name }) => name);
  const below = entries.filter(({ name, isDirectory }) =>
    isDirectory && depth < DEPTH && !/^(\.|__MACOSX$)/.test(name)
  ).flatMap(({ name }) => listFolders(join(folder, name), depth + 1));
  return [{ folder, depth, names }, ...below].sort((a, b) => a.depth - b.depth);
}

function describeOther(
  folder: string,
  listings: readonly Pick<Place, "folder" | "names">[],
  forms: readonly OtherForm[],
): string | undefined {
  for (const { pattern, is } of forms) {
    for (const { folder: place, names } of listings) {
      const name = names.find((name) => pattern.test(name));
      if (name === undefined) continue;
      return `${relative(folder, join(place, name))}, ${is}`;
    }
  }
  return undefined;
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw explainIoError(`read ${path}`, error);
  }
}

function read(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(`read ${path}`, error);
  }
}
