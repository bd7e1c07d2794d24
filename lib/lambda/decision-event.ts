import * as v from 'valibot'
import { renderReason } from '../protocol/reason.ts'
import type { HistoryRecord } from '../protocol/records.ts'

/** `source` and `detail-type` of Baton's events: what rules match. */
export const EVENT_SOURCE = 'baton'
export const DETAIL_TYPE = 'Baton decision'

/** The most bytes of an event's detail: EventBridge takes 256 kB for an entry, with its envelope. */
const MOST_BYTES = 200_000

const described = <S extends v.GenericSchema>(schema: S, text: string) => v.pipe(schema, v.description(text))
const text = v.string()
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const time = v.pipe(v.string(), v.isoTimestamp())

const reasonOfDecision = v.object({
  code: described(text, 'What kind of reason it is. A newer Baton may add codes.'),
  node: v.exactOptional(described(text, 'The node it is about.')),
  text: described(text, 'The reason as a sentence, for people.'),
  evidence: v.exactOptional(
    described(v.record(text, v.union([text, v.number(), v.boolean()])), 'The facts it rests on. Absent if cut.'),
  ),
})

/**
 * The `detail` of an event: one record of the history, as it was first written. Published as a JSON Schema
 * (docs/reference/schemas/decision-event.schema.json). Fields may be added; none is renamed or dropped within a version.
 */
export const decisionSchema = v.object({
  version: described(v.literal(1), 'The version of this schema.'),
  baton: described(text, 'The name of the deployment, e.g. "prod".'),
  chain: described(text, 'The chain id.'),
  id: described(text, 'With the chain, the key of the record. An event that comes twice has the same.'),
  at: described(time, 'When it was decided.'),
  actor: described(
    v.object({ kind: v.picklist(['baton', 'operator']), name: text }),
    'Who decided: Baton on its own, or a person.',
  ),
  what: described(text, 'The act: grant, fence, start, page, pause, … A newer Baton may add acts.'),
  term: described(count, 'The term of the head at that time.'),
  head: described(count, 'The number of the committed block at that time.'),
  node: v.exactOptional(described(text, 'The node that was acted on.')),
  summary: described(text, 'The whole as one line, for a chat.'),
  reasons: described(v.array(reasonOfDecision), 'Why. The first is the cause.'),
  cut: v.exactOptional(described(v.literal(true), 'The reasons were too long for an event. The history has them all.')),
})

/** See {@link decisionSchema}. */
export type DecisionDetail = v.InferOutput<typeof decisionSchema>

/** The event's detail of a record of the history, small enough for EventBridge. */
export function decisionOf(baton: string, record: HistoryRecord): DecisionDetail {
  const { chain, id, at, actor, what, term, head, node, reasons } = record
  const explained = reasons.map((reason) => ({ ...reason, text: renderReason(reason) }))
  const why = explained.map(({ text }) => text).join('; ')
  const who = actor.kind === 'baton' ? 'Baton' : actor.name
  const summary = `chain ${chain}: ${what}${node === undefined ? '' : ` ${node}`} by ${who}${why && `: ${why}`}`
  const detail: DecisionDetail = {
    version: 1,
    baton,
    chain,
    id,
    at: new Date(at).toISOString(),
    actor,
    what,
    term,
    head: Number(head),
    ...(node !== undefined && { node }),
    summary: shorten(summary),
    reasons: explained,
  }
  return Buffer.byteLength(JSON.stringify(detail)) <= MOST_BYTES ? detail : { ...detail, ...cut(explained) }
}

const MOST_REASONS = 20

function cut(reasons: DecisionDetail['reasons']): Pick<DecisionDetail, 'reasons' | 'cut'> {
  const kept = reasons.slice(0, MOST_REASONS)
  return { reasons: kept.map(({ evidence: _, ...reason }) => ({ ...reason, text: shorten(reason.text) })), cut: true }
}

/** A chat shows about as much; a node's error message may be longer. */
const MOST_LETTERS = 1_000

const shorten = (line: string) => (line.length <= MOST_LETTERS ? line : `${line.slice(0, MOST_LETTERS - 1)}…`)
