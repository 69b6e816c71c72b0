import { isDeepStrictEqual } from "node:util";
import { explainIoError } from "../base/errors.ts";
import { temporaryPathOf, writeAtomically } from "../base/write_atomically.ts";
import {
  CHECKPOINT_FILE,
  type Facts,
  isEndFile,
  RECORD_FILE,
  type RunRecord,
} from "./run_record.ts";

/**
 * Empties the directory for a run from the beginning. The new record comes
 * first and says `starting`: a kill in between then leaves no old checkpoint
 * that the new run would take for its own, and a disk without room for it
 * leaves the old run whole.
 */
export function startOver(
  path: string,
  recorded: RunRecord | null,
  fresh: RunRecord,
  resume: boolean,
): RunRecord {
  // Ends of a run that was lengthened and then killed are still its own.
  const ends = resume && recorded?.status === "running"
    ? isEndFile
    : () => false;
  const files = filesOf(recorded, fresh);
  writeRecord(path, { ...fresh, files });
  removeAll(path, files.filter((name) => !ends(name)));
  return writeRecord(path, { ...fresh, status: "running" });
}

/**
 * Makes a finished run one that goes on to a larger end. Its nets' ends stay,
 * all else is made anew: without the checkpoint it is still the finished run,
 * and then one that is killed before its first checkpoint.
 */
export function lengthen(
  path: string,
  recorded: RunRecord,
  fresh: RunRecord,
): RunRecord {
  remove(`${path}/${CHECKPOINT_FILE}`);
  const { seconds } = recorded;
  const files = filesOf(recorded, fresh);
  const longer = { ...fresh, seconds, files };
  writeRecord(path, { ...longer, status: "running" });
  removeAll(path, files.filter((name) => !isEndFile(name)));
  return { ...longer, status: "running" };
}

function filesOf(recorded: RunRecord | null, fresh: RunRecord): string[] {
  return [...new Set([...(recorded?.files ?? []), ...fresh.files])];
}

function removeAll(path: string, files: readonly string[]) {
  for (const name of files) {
    remove(`${path}/${name}`);
    remove(temporaryPathOf(`${path}/${name}`));
  }
}

/** Notes the environment of a run that resumes, where it is another. */
export function goOn(
  path: string,
  recorded: RunRecord,
  environment: Facts,
): RunRecord {
  for (const name of recorded.files) remove(temporaryPathOf(`${path}/${name}`));
  const { resumedIn } = recorded;
  const last = resumedIn.at(-1) ?? recorded.environment;
  if (isDeepStrictEqual(last, environment)) return recorded;
  return writeRecord(path, {
    ...recorded,
    resumedIn: [...resumedIn, environment],
  });
}

/** Replaces the record in a run's directory. */
export function writeRecord(path: string, record: RunRecord): RunRecord {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  writeAtomically(`${path}/${RECORD_FILE}`, text);
  return record;
}

function remove(path: string) {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw explainIoError(`write ${path}`, error);
  }
}
