import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";

/** Linux keeps what is here in memory. */
const inMemory = "/dev/shm";
/** Bytes. A run takes less than one of these. */
const room = 4 * 1_024 ** 3;

/** Folders that a run of the tests may have its databases in. */
export const places: readonly string[] = [tmpdir(), inMemory];

/**
 * Where the databases of a run are made: thousands of small files, which a disk takes several times as long to make and to
 * drop. In memory, where there is plenty of it.
 */
export async function placeOfDatabases(): Promise<string> {
  if (freemem() < 2 * room) return tmpdir();
  try {
    await access(inMemory, constants.W_OK);
    const { bavail, bsize } = await statfs(inMemory);
    return bavail * bsize >= room ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}
