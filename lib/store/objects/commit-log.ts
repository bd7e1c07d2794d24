import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import type { Hash } from '../../protocol/block.ts'
import { StoreUnavailableError } from '../errors.ts'
import { type ArchivedCommit, type CommitFacts, checkKey, type ObjectStore } from '../stores.ts'

const KEY = /^([^/]+)\/payloads\/(\d{12,})\/(0x[0-9a-f]{64})\.json\.zst$/
/** Blocks of one file. */
const PER_FILE = 1_000n
/** Files without a commit, one after the other, after which no more is searched for: a day of blocks. */
const MOST_EMPTY = 50

/** A line of a file: number, hash, term, time, leader. */
const lineSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([
    v.pipe(
      v.string(),
      v.regex(/^\d+$/),
      v.transform((digits: string) => BigInt(digits)),
    ),
    v.pipe(
      v.string(),
      v.regex(/^0x[0-9a-f]{64}$/),
      v.transform((hash) => hash as Hash),
    ),
    v.number(),
    v.number(),
    v.nullable(v.string()),
  ]),
)

/**
 * A folder of objects that also lists its commits: a line for each archived block in a file for each thousand. The list
 * is evidence for a screen, so it is not synced, and a line that cannot be written costs nothing else.
 */
export function withCommitLog(objects: ObjectStore, folder: string): ObjectStore {
  const fileOf = (chain: string, index: bigint) =>
    join(folder, checkKey(chain), 'commits', `${String(index).padStart(9, '0')}.log`)

  const note = async (match: RegExpExecArray, { term, committedAt, leader }: CommitFacts) => {
    const [, chain = '', number = '', hash = ''] = match
    const path = fileOf(chain, BigInt(number) / PER_FILE)
    // The newline comes first: what a crash cut short must not spoil the next line.
    const line = `\n${JSON.stringify([String(BigInt(number)), hash, term, committedAt, leader ?? null])}`
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, line)
  }

  const read = async (chain: string, index: bigint): Promise<ArchivedCommit[]> => {
    const path = fileOf(chain, index)
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw new StoreUnavailableError('list', path, error, `Check that ${folder} is readable.`)
    })
    return text.split('\n').flatMap(readLine)
  }

  return {
    ...objects,
    async put(key, bytes, how) {
      await objects.put(key, bytes, how)
      const match = how?.commit && KEY.exec(key)
      if (match) await note(match, how.commit).catch(() => {})
    },
    async commits(chain, { below, limit }) {
      const found = new Map<string, ArchivedCommit>()
      let empty = 0
      for (let index = (below - 1n) / PER_FILE; index >= 0n && found.size < limit && empty < MOST_EMPTY; index--) {
        const commits = await read(chain, index)
        empty = commits.length === 0 ? empty + 1 : 0
        for (const commit of commits) if (commit.number < below) keep(found, commit)
      }
      return [...found.values()].toSorted(highestFirst).slice(0, limit)
    },
  }
}

/** A block may be listed again, by a head that has another leader already. */
function keep(found: Map<string, ArchivedCommit>, commit: ArchivedCommit): void {
  const { number, hash, leader } = commit
  const id = `${number}/${hash}`
  if (leader !== undefined || !found.has(id)) found.set(id, commit)
}

const highestFirst = (a: ArchivedCommit, b: ArchivedCommit) => (a.number > b.number ? -1 : a.number < b.number ? 1 : 0)

function readLine(line: string): ArchivedCommit[] {
  const parsed = v.safeParse(lineSchema, line)
  if (!parsed.success) return []
  const [number, hash, term, committedAt, leader] = parsed.output
  return [{ number, hash, term, committedAt, ...(leader !== null && { leader }) }]
}
