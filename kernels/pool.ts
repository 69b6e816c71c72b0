/**
 * The meeting point of the threads that share one heap.
 *
 * A task is a kernel and a range of chunks, at most 65,535 of them. How many
 * chunks there are in all depends on the problem alone, never on the thread
 * count, so results are the same bits at any number of threads; the threads
 * only decide who computes which chunk.
 *
 * The ticket packs `generation << 32 | chunks << 16 | next` into one u64, so a
 * thread that wakes late can never claim a chunk of a task that it has not
 * seen. A claimed chunk keeps its task alive until `completeChunk`, which is
 * why the rest of the task may be read without a lock after a claim.
 *
 * The constants are byte offsets in the control block, where each word that
 * many threads touch has a cache line of its own.
 */
export const CONTROL_GENERATION: usize = 0; // i32, futex
const CONTROL_TICKET: usize = 64; // u64
const CONTROL_COMPLETED: usize = 128; // i32, futex
const CONTROL_SLEEPERS: usize = 192; // i32
export const CONTROL_KERNEL: usize = 256; // i32
const CONTROL_FIRST: usize = 260; // i32, first chunk

/**
 * Opens chunks first … first + chunks − 1 of a kernel to all threads and
 * returns their generation. Main thread only.
 */
export function publishTask(
  control: usize,
  kernel: i32,
  first: i32,
  chunks: i32,
): i32 {
  const generation = atomic.load<i32>(control, CONTROL_GENERATION) + 1;
  store<i32>(control, kernel, CONTROL_KERNEL);
  store<i32>(control, first, CONTROL_FIRST);
  atomic.store<i32>(control, 0, CONTROL_COMPLETED);
  atomic.store<u64>(
    control,
    ((<u64> (<u32> generation)) << 32) | ((<u64> chunks) << 16),
    CONTROL_TICKET,
  );
  atomic.store<i32>(control, generation, CONTROL_GENERATION);
  // A futex call costs microseconds: only when somebody sleeps.
  if (atomic.load<i32>(control, CONTROL_SLEEPERS) > 0) {
    atomic.notify(control + CONTROL_GENERATION, -1);
  }
  return generation;
}

/** Blocks until the generation differs from `seen`; spins before it sleeps. */
export function awaitTask(control: usize, seen: i32, spins: i32): i32 {
  for (let i = 0; i < spins; i++) {
    const generation = atomic.load<i32>(control, CONTROL_GENERATION);
    if (generation != seen) return generation;
  }
  atomic.add<i32>(control, 1, CONTROL_SLEEPERS);
  while (atomic.load<i32>(control, CONTROL_GENERATION) == seen) {
    atomic.wait<i32>(control + CONTROL_GENERATION, seen, -1);
  }
  atomic.sub<i32>(control, 1, CONTROL_SLEEPERS);
  return atomic.load<i32>(control, CONTROL_GENERATION);
}

/** The next chunk of the task of this generation; -1 when none is left. */
export function claimChunk(control: usize, generation: i32): i32 {
  let ticket = atomic.load<u64>(control, CONTROL_TICKET);
  while (true) {
    const next = <i32> (ticket & 0xffff);
    const chunks = <i32> ((ticket >> 16) & 0xffff);
    if (<i32> (ticket >> 32) != generation || next >= chunks) return -1;
    const found = atomic.cmpxchg<u64>(
      control,
      ticket,
      ticket + 1,
      CONTROL_TICKET,
    );
    if (found == ticket) return load<i32>(control, CONTROL_FIRST) + next;
    ticket = found;
  }
}

/** Marks one claimed chunk as done, and wakes the main thread at the last. */
export function completeChunk(control: usize): void {
  const chunks =
    <i32> ((atomic.load<u64>(control, CONTROL_TICKET) >> 16) & 0xffff);
  if (atomic.add<i32>(control, 1, CONTROL_COMPLETED) + 1 == chunks) {
    atomic.notify(control + CONTROL_COMPLETED, 1);
  }
}

/**
 * Waits until `chunks` are done: spins, then sleeps for at most `milliseconds`.
 * Returns 1 when they are, 0 when the time ran out. Main thread only.
 */
export function awaitChunks(
  control: usize,
  chunks: i32,
  spins: i32,
  milliseconds: i32,
): i32 {
  let completed = atomic.load<i32>(control, CONTROL_COMPLETED);
  for (let i = 0; i < spins && completed != chunks; i++) {
    completed = atomic.load<i32>(control, CONTROL_COMPLETED);
  }
  if (completed == chunks) return 1;
  const timeout = <i64> milliseconds * 1_000_000;
  // A wait that is woken by somebody else's notify starts again from zero.
  while (completed != chunks) {
    if (
      atomic.wait<i32>(control + CONTROL_COMPLETED, completed, timeout) == 2
    ) {
      return i32(atomic.load<i32>(control, CONTROL_COMPLETED) == chunks);
    }
    completed = atomic.load<i32>(control, CONTROL_COMPLETED);
  }
  return 1;
}
