import * as v from 'valibot'

// The JSON that `--json` writes, by its kind. docs/reference/schemas is written from these. Objects are open: a later
// version may add fields. Big integers are decimal strings, times are Unix ms unless a field says otherwise.

const text = v.string()
const integer = v.pipe(v.string(), v.regex(/^-?\d+$/), v.description('a big integer as a decimal string'))
const time = v.pipe(v.number(), v.description('Unix ms'))
const hash = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const optional = v.exactOptional
const list = v.array
const names = list(text)

const blockId = v.looseObject({ number: integer, hash })
const reason = v.looseObject({
  code: v.pipe(text, v.description('stable; the sentence may change')),
  node: optional(text),
  evidence: v.record(text, v.union([v.string(), v.number(), v.boolean()])),
})
const reasons = list(reason)
const actor = v.looseObject({ kind: v.picklist(['baton', 'operator']), name: text })

const head = v.looseObject({
  ...blockId.entries,
  parentHash: hash,
  leader: v.pipe(text, v.description('the only node that may commit; empty = no node')),
  term: count,
  committedTerm: count,
  committedAt: time,
  fencedAt: time,
})

const lease = v.looseObject({
  leader: text,
  term: count,
  cause: v.looseObject({ code: text, by: text }),
  previousLeader: text,
  grantedAt: time,
  expiresAt: time,
  mode: v.picklist(['auto', 'paused', 'hold']),
  modeBy: text,
  modeAt: time,
  armedAt: v.pipe(v.number(), v.description('Unix ms; 0 = Baton only observes')),
  quarantine: v.record(text, v.looseObject({ since: time, why: text, by: text })),
  switchover: optional(v.looseObject({ id: text, to: optional(text), notBefore: time, by: text, force: v.boolean() })),
})

const verdict = v.looseObject({
  node: text,
  role: v.picklist(['leading', 'starting', 'failing', 'standby', 'unfit', 'fenced', 'outside', 'down']),
  eligible: v.pipe(v.boolean(), v.description('whether sequencing could move there now')),
  lag: optional(integer),
  reasons,
})

const decision = {
  condition: v.picklist(['ok', 'degraded', 'moving', 'halted', 'observing']),
  commands: v.pipe(list(v.looseObject({ act: text, reasons })), v.description('what Baton would do now')),
  reasons,
  page: v.pipe(reasons, v.description('what needs a person')),
  sharedCause: optional(reason),
  verdicts: list(verdict),
}

const record = v.looseObject({
  chain: text,
  id: text,
  at: time,
  actor,
  what: text,
  term: count,
  head: integer,
  node: optional(text),
  reasons,
  count: optional(count),
  lastAt: optional(time),
})

const step = v.looseObject({
  why: text,
  todo: v.pipe(text, v.description('what a person should do now')),
  command: optional(v.pipe(text, v.description('the command that does it'))),
  runbook: v.pipe(text, v.description('the section of the runbooks')),
})

const candidate = v.looseObject({
  block: v.looseObject(blockId.entries),
  nodes: v.pipe(names, v.description('who has it on its own chain')),
  committed: v.pipe(
    v.union([v.boolean(), v.literal('unknown')]),
    v.description('it was acknowledged here and must not be replaced; unknown = the archive could not be read'),
  ),
  safe: v.pipe(v.boolean(), v.description('L1 has it')),
})
const state = v.looseObject({ name: text, does: text })
const played = v.looseObject({
  id: text,
  name: text,
  passed: v.boolean(),
  checks: list(v.looseObject({ must: text, holds: v.boolean(), seen: optional(text) })),
  did: names,
  paged: names,
  slotsMissed: count,
  history: list(record),
  tookMs: v.number(),
})
const problem = v.looseObject({ path: text, problem: text, write: text })
const message = { message: text }

const kinds = {
  status: {
    chain: v.looseObject({ id: text, name: text }),
    view: v.looseObject({
      now: time,
      head: optional(head),
      lease: optional(lease),
      nodes: list(v.looseObject({ name: text, zone: text, priority: v.number(), noFailover: v.boolean() })),
      observed: v.record(text, v.looseObject({})),
    }),
    decision: v.looseObject(decision),
    doThis: list(step),
    monitor: optional(v.looseObject({ owner: text, since: time, until: time })),
    history: list(record),
    blocks: list(v.looseObject({ ...blockId.entries, leader: text, term: count, committedAt: time })),
  },
  explain: { ...decision, doThis: list(step) },
  history: { records: list(record) },
  act: { act: text, ...message, lease: optional(lease), block: optional(blockId) },
  switchover: {
    outcome: v.picklist(['pending', 'moved', 'rolled-back', 'overtaken', 'refused', 'withdrawn']),
    ...message,
    leader: optional(text),
    term: optional(count),
    block: optional(blockId),
  },
  'switchover-plan': {
    from: text,
    to: optional(text),
    refused: optional(text),
    states: list(state),
  },
  backfill: { node: optional(text), outcome: optional(text), states: optional(list(state)) },
  recover: { damage: optional(v.looseObject({ kind: text })), outcome: optional(text), states: optional(list(state)) },
  disaster: { candidates: optional(list(candidate)), best: optional(candidate), would: optional(text) },
  upgrade: { to: optional(text), obstacles: optional(names), states: optional(list(state)) },
  resequence: {},
  fault: { node: text, fault: text, ...message },
  drills: { drills: list(v.looseObject({ id: text, name: text, given: text, when: text, must: text })) },
  drill: { played: list(played) },
  import: {
    config: v.looseObject({}),
    notes: list(v.looseObject({ kind: v.picklist(['none', 'assumed', 'write']), about: text, text })),
    file: optional(text),
  },
  doctor: {
    healthy: v.boolean(),
    findings: list(
      v.looseObject({
        check: text,
        node: optional(text),
        verdict: v.picklist(['ok', 'warn', 'bad', 'skipped']),
        text,
        todo: optional(text),
      }),
    ),
  },
  'config-check': { file: text, of: v.picklist(['chain', 'deployment']), valid: v.boolean(), problems: list(problem) },
  help: { text },
  version: { baton: text, node: text },
  error: {
    error: v.looseObject({
      code: v.pipe(text, v.description('stable')),
      ...message,
      remedy: optional(text),
      problems: optional(list(problem)),
    }),
  },
} as const satisfies Readonly<Record<string, v.ObjectEntries>>

/** What a JSON output is about. */
export type JsonKind = keyof typeof kinds

/** The schema of each kind of JSON output. */
export const jsonSchemas: Readonly<Record<string, v.GenericSchema>> = Object.fromEntries(
  Object.entries(kinds).map(([kind, entries]) => [
    kind,
    v.looseObject({ version: v.literal(1), kind: v.literal(kind), ...entries }),
  ]),
)
