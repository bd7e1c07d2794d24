import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { hash } from '../../chain/schema.ts'
import type { ObjectStore } from '../../store/stores.ts'
import type { Snapshot } from './block-range.ts'
import { LeaseLost, ResequenceRefused } from './errors.ts'
import type { Held } from './lease.ts'
import { type ResequenceRequest, requestSchema } from './request.ts'

/** Facts that a step records for later steps and for a resumed run. */
export type Notes = Readonly<Record<string, string>>

const entrySchema = v.object({
  at: v.number(),
  by: v.string(),
  /** The id of the lease it was written under. */
  owner: v.optional(v.string(), ''),
  step: v.string(),
  /** `taken`: another process carries it on from here. `ended`: the run is over, done or restored. */
  state: v.picklist(['asked', 'taken', 'begun', 'noted', 'done', 'failed', 'ended']),
  words: v.string(),
  notes: v.optional(v.record(v.string(), v.string()), {}),
})

/** One entry of a run's journal. `at` is Unix ms. */
export type Entry = v.InferOutput<typeof entrySchema>

/** A run, according to its journal. */
export type Run = {
  readonly number: number
  readonly request: ResequenceRequest
  /** The ids of all processes that have carried it, newest last. */
  readonly owners: readonly string[]
  readonly entries: readonly Entry[]
  readonly notes: Notes
  readonly ended: boolean
}

const decimal = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
)
const block = v.object({ number: decimal, hash })
/** The format of version 0.1, which calls the block range `stretch`. */
const snapshotSchema = v.pipe(
  v.object({
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
  }),
  v.transform(({ kept, stretch: range }): Snapshot => ({ kept, range })),
)
const toStored = ({ kept, range: stretch }: Snapshot) => ({ kept, stretch })

const begunSchema = v.object({ ...requestSchema.entries, owner: v.optional(v.string(), '') })

/** More entries than any run has: bounds the read of a store that always answers. */
const MOST = 10_000

/** Attempts to take over a run that its former owner still writes to. */
const TAKING = 3

/** The journal of a chain's runs: append-only objects, one for each entry. */
export type Journal = ReturnType<typeof createJournal>

/**
 * Opens the journal of a chain. Each write proves that the writer holds the chain's lease, and nothing is ever
 * replaced: an entry of a process that lost its lease fails the proof, or finds its place taken.
 */
export function createJournal(objects: ObjectStore, chain: string, held?: Held) {
  const key = (run: number, name: string | number) => `resequence/${chain}/${run}/${name}.json`

  async function read(run: number): Promise<Run | undefined> {
    const entries: Entry[] = []
    for (let n = 1; n < MOST; n++) {
      const found = await get(key(run, n), entrySchema)
      if (!found) break
      entries.push(found)
    }
    const begun = await get(key(run, 'request'), begunSchema)
    if (!begun) return undefined
    const { owner, ...request } = begun
    const owners = [owner, ...entries.map((entry) => entry.owner)].filter((one, i, all) => one !== all[i - 1])
    const notes = Object.assign({}, ...entries.map((entry) => entry.notes)) as Notes
    return { number: run, request, owners, entries, notes, ended: entries.at(-1)?.state === 'ended' }
  }

  async function get<T>(name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    const bytes = await objects.get(name)
    return bytes && v.parse(schema, JSON.parse(new TextDecoder().decode(bytes)))
  }

  /** Creates an object; returns whether this writer's version is there now. */
  async function put(name: string, value: object): Promise<boolean> {
    if (!held) throw new LeaseLost('a writer of the journal must hold the lease of the chain')
    await held.prove()
    // Identified by its own id: two processes may write the same content at once.
    const text = JSON.stringify({ ...value, owner: held.owner, write: randomUUID() }, asDecimal)
    await objects.put(name, new TextEncoder().encode(text), { ifAbsent: true })
    const found = await objects.get(name)
    return found !== undefined && new TextDecoder().decode(found) === text
  }

  /** Adds an entry; returns the run with it. */
  async function add(run: Run, written: Omit<Entry, 'owner'>): Promise<Run> {
    const entry = { ...written, owner: held?.owner ?? '' }
    const place = run.entries.length + 1
    if (!(await put(key(run.number, place), entry))) {
      throw new LeaseLost(
        `entry ${place} of run ${run.number} is another's: ${entry.step} ${entry.state} was not written`,
      )
    }
    const notes = { ...run.notes, ...entry.notes }
    const owners = run.owners.at(-1) === entry.owner ? run.owners : [...run.owners, entry.owner]
    return { ...run, owners, entries: [...run.entries, entry], notes, ended: entry.state === 'ended' }
  }

  return {
    /** The newest run; `undefined` = the chain was never re-sequenced. */
    async latest(): Promise<Run | undefined> {
      let number = 0
      while (number < MOST && (await objects.get(key(number + 1, 'request')))) number++
      return number === 0 ? undefined : await read(number)
    },
    /** Begins the next run. @throws ResequenceRefused when another process has just begun it. */
    async begin(number: number, request: ResequenceRequest): Promise<Run> {
      if (await put(key(number, 'request'), request)) {
        return { number, request, owners: [held?.owner ?? ''], entries: [], notes: {}, ended: false }
      }
      throw new ResequenceRefused(`run ${number} was begun by another process just now`, 'Look at the history.')
    },
    /**
     * Takes a run over, so that its former owner can write no more; returns its current state. A no-op for the last
     * owner.
     */
    async take(number: number, by: string, at: number): Promise<Run> {
      for (let tries = 1; ; tries++) {
        const run = await read(number)
        if (!run) throw new ResequenceRefused(`run ${number} is gone from the object store`, 'Look at the bucket.')
        if (run.owners.at(-1) === held?.owner || run.ended) return run
        try {
          return await add(run, { at, by, step: 'run', state: 'taken', words: `taken on by ${by}`, notes: {} })
        } catch (error) {
          // The former owner's last entry came in between.
          if (!(error instanceof LeaseLost) || tries === TAKING) throw error
        }
      }
    },
    add,
    /** Stores the snapshot from before; returns the name of its object. */
    async keepBefore(run: Run, snapshot: Snapshot): Promise<string> {
      const name = `before-${run.entries.length + 1}`
      if (await put(key(run.number, name), toStored(snapshot))) return name
      throw new LeaseLost(`${name} of run ${run.number} is another's`)
    },
    before: (run: Run): Promise<Snapshot | undefined> =>
      get(key(run.number, run.notes.before ?? 'before'), snapshotSchema),
  }
}

function asDecimal(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
