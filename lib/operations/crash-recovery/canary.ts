import * as v from 'valibot'
import type { Hex } from 'viem'
import { numberToHex, slice } from 'viem/utils'
import { forkchoiceUpdated, getPayload, payloadVersion } from '../../chain/engine/methods.ts'
import type { Envelope } from '../../chain/envelope.ts'
import { getPeerPayload } from '../../chain/peer-payload.ts'
import { StepWithoutEffectError } from './errors.ts'
import type { Recovering } from './ports.ts'
import { without } from './remedies.ts'

/** The client starts a build at once and has a first version by then. */
const BUILD_MS = 200

/**
 * Has the engine build a block on its head and checks it: the last proof that a node can sequence. The block is neither
 * inserted nor published, and then dropped. op-node is stopped meanwhile where possible: two clients must not move one
 * engine's forkchoice.
 *
 * @returns a description of the block; without engine access, a note that the check was skipped.
 * @throws StepWithoutEffectError when the engine builds no block.
 */
export async function buildCanary(recovering: Recovering): Promise<string> {
  const { ports, node } = recovering
  const { engine } = ports.clients(node)
  if (!engine) return 'no block built: no engine access is configured'
  return await without(recovering, 'consensus', async () => {
    const { execution } = ports.clients(node)
    const on = await getPeerPayload(execution, { tag: 'latest' })
    if (!on) throw new StepWithoutEffectError(node, 'the canary', 'was asked for', 'the client names no newest block')
    const { blockHash, blockNumber } = on.executionPayload
    const attributes = nextAttributes(on, ports.policy.blockTimeMs)
    const begun = await forkchoiceUpdated(engine, { head: blockHash }, attributes)
    if (begun.payloadId === null) {
      const { status, validationError } = begun.payloadStatus
      throw new StepWithoutEffectError(
        node,
        'the canary',
        `was answered ${status}`,
        validationError ?? 'no build began',
      )
    }
    await ports.clock.sleep(BUILD_MS)
    const built = await getPayload(engine, begun.payloadId, payloadVersion(on))
    if (built.parentHash !== blockHash || built.blockNumber !== BigInt(blockNumber) + 1n) {
      throw new StepWithoutEffectError(
        node,
        'the canary',
        `built block ${built.blockNumber}`,
        `it stands on ${built.parentHash}`,
      )
    }
    return `block ${built.blockNumber} built on it and dropped`
  })
}

const extra = v.pipe(
  v.string(),
  v.transform((text) => text as Hex),
)

/** The attributes of the next block: the head's own L1-info deposit again, and no user transactions. */
export function nextAttributes(
  { executionPayload, parentBeaconBlockRoot }: Envelope,
  blockTimeMs: number,
): Readonly<Record<string, unknown>> {
  const { timestamp, prevRandao, feeRecipient, gasLimit, transactions, withdrawals } = executionPayload
  const extraData = v.parse(extra, executionPayload.extraData)
  const bytes = (extraData.length - 2) / 2
  return {
    timestamp: numberToHex(BigInt(timestamp) + BigInt(Math.max(1, Math.round(blockTimeMs / 1_000)))),
    prevRandao,
    suggestedFeeRecipient: feeRecipient,
    gasLimit,
    transactions: transactions.slice(0, 1),
    noTxPool: true,
    ...(withdrawals && { withdrawals }),
    ...(parentBeaconBlockRoot && { parentBeaconBlockRoot }),
    // From Holocene on a header holds the fee parameters, from Jovian on also the minimum base fee: the only number of
    // the engine API that is not hex. Its last digits may be rounded; the block is never published.
    ...(bytes >= 9 && { eip1559Params: slice(extraData, 1, 9) }),
    ...(bytes >= 17 && { minBaseFee: Number(BigInt(slice(extraData, 9, 17))) }),
  }
}
