import type { Block, PayloadPlace } from '../../protocol/block.ts'
import { type CommitOutcome, commit, judgeRefusal } from '../../protocol/commit.ts'
import type { Head } from '../../protocol/records.ts'
import { packPayload, placePayload } from '../../store/payload.ts'
import type { Committed } from '../../store/stores.ts'
import type { GateContext } from '../context.ts'
import { parseEnvelope } from '../envelope.ts'
import { ConflictError, GapError, NoHeadError, NotLeaderError } from '../errors.ts'
import type { CommitResult, CommitTimings } from '../metrics.ts'
import type { Caller } from '../route.ts'
import { within } from '../within.ts'

/** The parameters of a commit: parsed, as sent, and how long the parsing took in ms. */
export type CommitInput = {
  readonly params: unknown
  readonly rawParam: () => Uint8Array | undefined
  readonly parseMs: number
}

/**
 * `conductor_commitUnsafePayload`: makes the block the head if this node holds the head and the block
 * is its child, by one conditional write. The payload is kept byte for byte, in the head item or, when
 * it is large, in an object written before. Returning means: the block may be published.
 *
 * @throws InvalidParamsError before anything is written.
 * @throws NotLeaderError | ConflictError | GapError | NoHeadError when the rule refuses the block.
 * @throws StoreUnavailableError when it is not known whether the block was committed: send it again.
 */
export async function commitPayload(context: GateContext, caller: Caller, input: CommitInput): Promise<void> {
  const { metrics, log } = context
  const lap = stopwatch()
  const { block, envelope } = parseEnvelope(input.params, input.rawParam())
  const timings: { -readonly [K in keyof CommitTimings]: CommitTimings[K] } = {
    parseMs: input.parseMs + lap(),
    packMs: 0,
    spillMs: 0,
    writeMs: 0,
    bytes: envelope.length,
  }
  const report = (result: CommitResult) => metrics.commit(caller, result, { ...timings })
  const facts = { ...caller, number: String(block.number), hash: block.hash }

  const packed = await packPayload(envelope)
  timings.packMs = lap()
  let committed: Committed
  try {
    committed = await within(context.budgetMs, 'commit', caller.chain, async (signal) => {
      const place = await placePayload(context.objects, caller.chain, block, packed)
      timings.spillMs = lap()
      signal.throwIfAborted()
      return await write(context, caller, block, place)
    })
    timings.writeMs = lap()
  } catch (error) {
    timings.writeMs = lap()
    report('failed')
    throw error
  }

  const outcome = committed.applied
    ? ({ outcome: 'committed' } as const)
    : judgeRefusal(caller.node, block, committed.old)
  report(outcome.outcome)
  const refusal = refuse(caller, block, outcome, committed.applied ? undefined : committed.old)
  if (refusal) throw refusal
  log.info(outcome.outcome, { ...facts, ...timings })
}

function write({ heads, now }: GateContext, { chain, node }: Caller, block: Block, place: PayloadPlace) {
  return heads.commit(chain, commit(node, block, place, now()))
}

/** The error that answers a refusal; `undefined` for what may be answered with OK. */
function refuse({ chain, node }: Caller, block: Block, outcome: CommitOutcome, old: Head | undefined) {
  switch (outcome.outcome) {
    case 'committed':
    case 'repeated':
      return undefined
    case 'no-head':
      return new NoHeadError(chain)
    case 'not-leader':
      return new NotLeaderError(node, outcome.holder, outcome.term, old)
    case 'conflict':
      return new ConflictError(block, outcome.head)
    case 'gap':
      return new GapError(block, outcome.head)
  }
}

/** Each call returns the ms since the one before. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const lap = now - last
    last = now
    return lap
  }
}
