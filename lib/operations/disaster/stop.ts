import { classify } from '../../chain/failure.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { UnfinishedActError } from '../../operator/errors.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { ConsensusView } from '../../protocol/observation.ts'
import type { NodeName } from '../../protocol/records.ts'

/** How long a sequencer may take to be seen stopped, and its node's status to follow. */
const STOP_MS = 5_000

/**
 * Stops a node's sequencer, or finds it stopped, and returns where it stands. It is looked at, whatever the call
 * said: one that stands already refuses it, and some versions answer only when the block they sealed is inserted.
 *
 * @throws UnfinishedActError when it is not seen to stand.
 */
export async function stopAndSee({ port, clock }: ChainPorts, node: NodeName): Promise<BlockId> {
  const asked = await port(node)
    .stop()
    .then(
      (stoppedAt) => ({ stoppedAt }),
      (error: unknown) => ({ said: classify(error).message }),
    )
  const stoppedAt = 'stoppedAt' in asked ? asked.stoppedAt : undefined
  const until = clock.monotonic() + STOP_MS
  for (;;) {
    const { consensus } = await port(node).observe(undefined, true)
    const why = consensus.ok ? notThere(consensus.value, stoppedAt) : `does not answer: ${consensus.message}`
    if (consensus.ok && why === undefined) return consensus.value.unsafe
    if (clock.monotonic() > until) {
      const told = 'said' in asked ? ` ("${asked.said}")` : ''
      throw new UnfinishedActError(`${node} was asked to stop${told} and ${why}`, 'look at its log, then try again')
    }
    await clock.sleep(50)
  }
}

function notThere({ sequencing, unsafe }: ConsensusView, stoppedAt: string | undefined): string | undefined {
  if (sequencing) return 'sequences still'
  return stoppedAt === undefined || unsafe.hash === stoppedAt ? undefined : `names another head than ${stoppedAt}`
}

/**
 * Two nodes that publish are two chains: whoever else sequences is stopped first, and seen stopped. While no
 * gate answers it publishes nothing, but it would commit what it sealed as soon as the gate is back.
 *
 * @throws UnfinishedActError
 */
export async function stopOthers({ nodes, port, clock }: ChainPorts, node: NodeName): Promise<void> {
  for (const { name } of nodes.filter((each) => each.name !== node)) {
    if (!(await sequences(port(name)))) continue
    await port(name)
      .stop()
      .catch(() => undefined)
    // Some versions answer only when the block they sealed is committed, and stop before that.
    const until = clock.monotonic() + STOP_MS
    while (await sequences(port(name))) {
      if (clock.monotonic() > until)
        throw new UnfinishedActError(
          `${name} sequences and cannot be stopped; it was asked to, and no record was changed`,
          'end its op-node, then try again',
        )
      await clock.sleep(200)
    }
  }
}

/** Whether a node's sequencer runs, as far as it answers: one that does not was counted as gone by the operator. */
async function sequences(port: NodePort): Promise<boolean> {
  const { consensus } = await port.observe(undefined)
  return consensus.ok && consensus.value.sequencing
}
