import { setTimeout as sleep } from 'node:timers/promises'
import type { BlockId, Hash } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import type { Archive } from './archive.ts'
import type { HeadStore } from './stores.ts'

/**
 * A head store that archives its commits, for a database without a usable stream. dynoxide has streams but never trims
 * them and scans them at each write: a commit took 8 ms after 5,000 blocks, and the time keeps growing.
 */
export type ArchivingHeads = HeadStore & {
  /** Resolves when all pending archiving is done. */
  settled(): Promise<void>
}

/**
 * Hands each committed block to the archive, after the commit and off its path. The child's commit overwrites the
 * payload, so it first waits for the archive, at most `waitMs` (default 100): a slow archive costs a gap, reported
 * to `onFailure`, and never a block. When the head is not the last archived block, archives it before its child: from
 * the written head if only the reply was lost, otherwise (at start, after another process's commit) from a fresh read.
 */
export function archiveCommits(
  heads: HeadStore,
  archiveOf: (chain: string) => Archive,
  onFailure: (error: unknown, block: BlockId | undefined) => void,
  { waitMs = 100 }: { readonly waitMs?: number } = {},
): ArchivingHeads {
  const pending = new Map<string, Promise<void>>()
  const handed = new Map<string, Hash>()
  /** Blocks whose commit got no reply: a child's commit shows whether they were committed. */
  const unsure = new Map<string, Head>()

  const track = (chain: string, work: Promise<unknown>, block?: BlockId) => {
    const done: Promise<void> = work
      .then(
        () => {},
        (error: unknown) => onFailure(error, block),
      )
      .finally(() => {
        if (pending.get(chain) === done) pending.delete(chain)
      })
    pending.set(chain, done)
  }

  /** The write names the block, and the stored item its term and time; a fence or a commit that has followed hides it. */
  const withTerm = async (chain: string, head: Head): Promise<Head> => {
    const stored = await heads.read(chain).catch(() => undefined)
    if (stored?.hash !== head.hash) return head
    const { leader, term, committedTerm, committedAt } = stored
    return { ...head, leader, term, committedTerm, committedAt }
  }

  const handHead = async (chain: string, written: Head | undefined) => {
    const head = written ? await withTerm(chain, written) : await heads.readWithPayload(chain)
    if (!head) return
    await archiveOf(chain).put(head)
    handed.set(chain, head.hash)
  }

  return {
    ...heads,
    async commit(chain, write) {
      const { parentHash } = write.set
      if (handed.get(chain) !== parentHash) {
        const written = unsure.get(chain)
        const known = written?.hash === parentHash ? written : undefined
        // What was written is here, whatever else is still being archived. A head must be read before its child's commit.
        const before = pending.get(chain)
        if (!before) track(chain, handHead(chain, known))
        else if (known) track(chain, Promise.all([before, handHead(chain, known)]), known)
      }
      const earlier = pending.get(chain)
      if (earlier) await Promise.race([earlier, sleep(waitMs, undefined, { ref: false })])
      const head = { ...write.set, chain } as Head
      const committed = await heads.commit(chain, write).catch((error: unknown) => {
        unsure.set(chain, head)
        throw error
      })
      // A write that was applied is refused to its own retry: the head is this block.
      const isHead = committed.applied || committed.old?.hash === head.hash
      if (isHead && handed.get(chain) !== head.hash) {
        handed.set(chain, head.hash)
        track(
          chain,
          withTerm(chain, head).then((known) => archiveOf(chain).put(known)),
          head,
        )
      }
      return committed
    },
    async settled() {
      while (pending.size > 0) await Promise.all(pending.values())
    },
  }
}

/**
 * Closes, at start, the gap of a crash between a commit and its archiving: archives the head, then walks back `depth`
 * blocks. Returns the first missing block, if any.
 */
export async function reconcileArchive(
  heads: HeadStore,
  archive: Archive,
  chain: string,
  depth: bigint,
): Promise<BlockId | undefined> {
  const head = await heads.readWithPayload(chain)
  if (!head || !(await archive.put(head))) return undefined
  const downTo = head.number - depth
  for await (const { found, number, hash } of archive.walkBack(head, downTo < 0n ? 0n : downTo)) {
    if (!found) return { number, hash }
  }
  return undefined
}
