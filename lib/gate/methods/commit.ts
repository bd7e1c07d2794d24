import type { Block, PayloadPlace } from '../../protocol/block.ts'
import { type CommitOutcome, commit, judgeRefusal } from '../../protocol/commit.ts'
import type { Head } from '../../protocol/records.ts'
import { evaluate } from '../../protocol/write.ts'
import { packPayload, placePayload } from '../../store/payload.ts'
import type { Committed } from '../../store/stores.ts'
import type { Caller } from '../auth.ts'
import { type CommitResult, type CommitTimings, type GateContext, within } from '../context.ts'
import { parseEnvelope } from '../envelope.ts'
import { ConflictError, GapError, NoHeadError, NotLeaderError } from '../errors.ts'

/** The parameters of a commit, parsed and as sent, and the parse time in ms. */
export type CommitInput = {
  readonly params: unknown
  readonly rawParam: () => Uint8Array | undefined
  readonly parseMs: number
}

/**
 * `conductor_commitUnsafePayload`: makes the block the head if this node holds the head and the block is its child, in
 * one conditional write. Keeps the payload byte for byte: in the head item or, if large, in an object written first.
 * When it returns, the block may be published.
 *
 * @throws InvalidParamsError | WrongHashError before anything is written.
 * @throws NotLeaderError | ConflictError | GapError | NoHeadError when the rule refuses the block.
 * @throws StoreUnavailableError when it is unknown whether the block was committed: send it again.
 */
export async function commitPayload(context: GateContext, caller: Caller, input: CommitInput): Promise<void> {
  const { metrics, log } = context
  const lap = stopwatch()
  const { block, envelope, checked, unknown } = parseEnvelope(input.params, input.rawParam())
  if (unknown.length > 0) formatUnknownFork(context, caller, unknown)
  const timings: { -readonly [K in keyof CommitTimings]: CommitTimings[K] } = {
    parseMs: input.parseMs + lap(),
    packMs: 0,
    spillMs: 0,
    writeMs: 0,
    bytes: envelope.length,
    checked,
  }
  const report = (result: CommitResult) => metrics.commit(caller, result, { ...timings })
  const facts = { ...caller, number: String(block.number), hash: block.hash }

  const packed = await packPayload(envelope)
  timings.packMs = lap()
  let committed: Committed
  try {
    const inlineBytes = context.inlineBytes(caller.chain)
    const isInline = packed.length <= inlineBytes
    const budgetMs = isInline ? context.budgetMs : context.spillBudgetMs
    committed = await within(budgetMs, 'commit', caller.chain, async (signal) => {
      if (isInline) return await write(context, caller, block, { payload: packed })
      const refused = await refusedBy(context, caller, block)
      if (refused) return refused
      signal.throwIfAborted()
      const place = await placePayload(context.objects, caller.chain, block, packed, inlineBytes)
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

/** An unknown fork must not stop the chain, but operators must learn that its blocks pass unchecked. */
function formatUnknownFork({ log, series }: GateContext, caller: Caller, fields: readonly string[]) {
  const named = fields.slice(0, 5).map((field) => field.slice(0, 50))
  series(`unknown-fork ${caller.chain}`, (repeated) =>
    log.warn('blocks have fields this version does not know: their hashes are not checked', {
      ...caller,
      fields: named,
      ...(repeated && { repeated }),
    }),
  )
}

/**
 * The refusal a write would get now, if any: a refused node must not write an object first. Only large blocks pay for
 * this read; the write itself decides.
 */
async function refusedBy({ heads }: GateContext, { chain, node }: Caller, block: Block) {
  const old = await heads.read(chain)
  const { when } = commit(node, block, { payloadRef: '' }, 0)
  return evaluate(when, old) ? undefined : ({ applied: false, old } as const)
}

function write({ heads, now }: GateContext, { chain, node }: Caller, block: Block, place: PayloadPlace) {
  return heads.commit(chain, commit(node, block, place, now()))
}

/** The error for a refusal; `undefined` when the answer is OK. */
function refuse({ chain, node }: Caller, block: Block, outcome: CommitOutcome, old: Head | undefined) {
  switch (outcome.outcome) {
    case 'committed':
    case 'repeated':
      return undefined
    case 'no-head':
      return new NoHeadError(chain)
    case 'not-leader':
      return new NotLeaderError(node, outcome.leader, outcome.term, old)
    case 'conflict':
      return new ConflictError(block, outcome.head)
    case 'gap':
      return new GapError(block, outcome.head)
  }
}

/** Returns a function that returns the ms since its previous call. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const lap = now - last
    last = now
    return lap
  }
}
