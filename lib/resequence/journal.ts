import * as v from 'valibot'
import { hash } from '../chain/schema.ts'
import type { ObjectStore } from '../store/stores.ts'
import { type ResequenceRequest, requestSchema } from './request.ts'
import type { Sighting } from './stretch.ts'

/** Facts a step leaves for later ones, and for whoever resumes. */
export type Notes = Readonly<Record<string, string>>

const entrySchema = v.object({
  at: v.number(),
  by: v.string(),
  step: v.string(),
  /** `ended`: the run is over, done or restored. */
  state: v.picklist(['asked', 'begun', 'noted', 'done', 'failed', 'ended']),
  words: v.string(),
  notes: v.optional(v.record(v.string(), v.string()), {}),
})

/** One line of a run's journal. `at` is Unix ms. */
export type Entry = v.InferOutput<typeof entrySchema>

/** A run, as its journal tells it. */
export type Run = {
  readonly number: number
  readonly request: ResequenceRequest
  readonly entries: readonly Entry[]
  readonly notes: Notes
  readonly ended: boolean
}

const decimal = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
)
const block = v.object({ number: decimal, hash })
const sightingSchema = v.object({
  kept: v.array(block),
  stretch: v.object({
    blocks: v.array(
      v.object({
        ...block.entries,
        parentHash: hash,
        timestamp: decimal,
        stateRoot: hash,
        transactions: v.array(hash),
        batch: decimal,
      }),
    ),
    batches: v.array(v.object({ number: decimal, closed: v.boolean() })),
  }),
})

/** More entries than any run has: a store that always answers must not hold us. */
const MOST = 10_000

/** The journal of a chain's runs: objects that are only ever added, one for each entry. */
export type Journal = ReturnType<typeof createJournal>

/** Opens the journal of a chain. Whoever writes must hold the chain's lease for re-sequencing. */
export function createJournal(objects: ObjectStore, chain: string) {
  const key = (run: number, name: string | number) => `resequence/${chain}/${run}/${name}.json`

  async function read(run: number): Promise<Run | undefined> {
    const entries: Entry[] = []
    for (let n = 1; n < MOST; n++) {
      const found = await get(key(run, n), entrySchema)
      if (!found) break
      entries.push(found)
    }
    const request = await get(key(run, 'request'), requestSchema)
    if (!request) return undefined
    const notes = Object.assign({}, ...entries.map((entry) => entry.notes)) as Notes
    return { number: run, request, entries, notes, ended: entries.at(-1)?.state === 'ended' }
  }

  async function get<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    const bytes = await objects.get(name)
    return bytes && v.parse(schema, JSON.parse(new TextDecoder().decode(bytes)))
  }

  const put = (name: string, value: unknown) =>
    objects.put(name, new TextEncoder().encode(JSON.stringify(value, asDecimal)))

  return {
    /** The newest run; `undefined` = the chain was never re-sequenced. */
    async latest(): Promise<Run | undefined> {
      let number = 0
      while (number < MOST && (await objects.get(key(number + 1, 'request')))) number++
      return number === 0 ? undefined : await read(number)
    },
    /** Begins the next run. */
    async begin(number: number, request: ResequenceRequest): Promise<Run> {
      await put(key(number, 'request'), request)
      return { number, request, entries: [], notes: {}, ended: false }
    },
    /** Adds an entry; returns the run with it. */
    async add(run: Run, entry: Entry): Promise<Run> {
      await put(key(run.number, run.entries.length + 1), entry)
      const notes = { ...run.notes, ...entry.notes }
      return { ...run, entries: [...run.entries, entry], notes, ended: entry.state === 'ended' }
    },
    keepBefore: (run: Run, sighting: Sighting) => put(key(run.number, 'before'), sighting),
    before: (run: Run): Promise<Sighting | undefined> => get(key(run.number, 'before'), sightingSchema),
  }
}

function asDecimal(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
