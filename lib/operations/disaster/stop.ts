import { classify } from '../../chain/failure.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { UnfinishedActError } from '../../operator/errors.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { ConsensusView } from '../../protocol/observation.ts'
import type { NodeName } from '../../protocol/records.ts'

/** How long a sequencer may take to stop, and its node's status to show it. */
const STOP_MS = 5_000

/**
 * Stops a node's sequencer, or finds it stopped, and returns its position. Observation decides, not the call's answer:
 * a stopped sequencer refuses the call, and some versions answer only once the block they sealed is inserted.
 *
 * @throws UnfinishedActError when it is not observed to stop.
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
      const said = 'said' in asked ? ` ("${asked.said}")` : ''
      throw new UnfinishedActError(`${node} was asked to stop${said} and ${why}`, 'read its log, then try again')
    }
    await clock.sleep(50)
  }
}

function notThere({ sequencing, unsafe }: ConsensusView, stoppedAt: string | undefined): string | undefined {
  if (sequencing) return 'sequences still'
  return stoppedAt === undefined || unsafe.hash === stoppedAt ? undefined : `names another head than ${stoppedAt}`
}

/**
 * Two publishing nodes make two chains: stops every other sequencer first, and verifies it. Without a gate such a node
 * publishes nothing, but it would commit its sealed block as soon as the gate is back.
 *
 * @throws UnfinishedActError
 */
export async function stopOthers({ nodes, port, clock }: ChainPorts, node: NodeName): Promise<void> {
  for (const { name } of nodes.filter((each) => each.name !== node)) {
    if (!(await sequences(port(name)))) continue
    await port(name)
      .stop()
      .catch(() => undefined)
    // Some versions stop first, but answer only once the block they sealed is committed.
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

/** Whether a node's sequencer runs. A silent node counts as stopped: the operator has judged it gone. */
async function sequences(port: NodePort): Promise<boolean> {
  const { consensus } = await port.observe(undefined)
  return consensus.ok && consensus.value.sequencing
}
