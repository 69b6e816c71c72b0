/**
 * What an optimizer's task works through: one entry a parameter, or a part of
 * a long one, and one chunk per run of entries, so that one task updates all
 * parameters of a net. Entry and chunk bounds change no bits, because every
 * element stands alone. An optimizer's own parameters follow the table's.
 */
@unmanaged
export class ParameterTable {
  starts: usize; // usize [chunks + 1]: each chunk's first entry, then the end
}

/** Words of a {@link ParameterEntry}, which the host lays out by hand. */
export const ENTRY_WORDS: usize = 5;

/** float32 arrays of `count` elements; a slot that is not used is 0. */
@unmanaged
export class ParameterEntry {
  value: usize;
  gradient: usize;
  slot0: usize;
  slot1: usize;
  count: i32;
}

/** Where the entries of a chunk begin, which is where those before it end. */
export function entriesOf(table: ParameterTable, chunk: i32): usize {
  return load<usize>(table.starts + <usize> chunk * sizeof<usize>());
}
