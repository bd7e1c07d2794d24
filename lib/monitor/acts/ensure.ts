import { collectPayloads } from '../../context/payloads.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { type BlockId, isNoBlock } from '../../protocol/block.ts'
import type { Head, NodeName } from '../../protocol/records.ts'

/** How bringing a node to the head went; `posted` payloads are adopted a moment later. */
export type Ensured =
  | { readonly ensured: 'there' }
  /** It has not loaded its chain yet; ask again. */
  | { readonly ensured: 'loading' }
  | { readonly ensured: 'posted'; readonly count: number }
  /** It cannot be brought there by posting; a person or a recovery workflow must. */
  | { readonly ensured: 'impossible'; readonly message: string }

/**
 * What keeps a node from building on a block that its op-node names: its execution client does not have it, and
 * whatever is posted below op-node's head is ignored. `undefined` = it has it, or does not tell.
 */
export async function shortOf(port: NodePort, { number, hash }: BlockId): Promise<string | undefined> {
  const [has, held] = await Promise.all([port.unsafe(), port.block({ number })].map(noted))
  if (!has || has.number < number || held === undefined || held?.hash === hash) return undefined
  return `its op-node names block ${has.number}, and its execution client does not have block ${number} ${hash}`
}

/** What cannot be asked speaks neither for nor against a node. */
const noted = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined)

/** Posted at most, unless the policy lets a standby be further behind: all are held in memory, and the chain waits. */
const MOST_POSTED = 600n

/**
 * Brings a node's consensus client to the committed head: posts each payload it lacks, oldest first,
 * from the head item, the archive or a peer. A node on another branch is left alone.
 */
export async function ensure(ports: ChainPorts, node: NodeName, head: Head): Promise<Ensured> {
  const port = ports.port(node)
  const has: BlockId = await port.unsafe()
  if (isNoBlock(has.hash)) return { ensured: 'loading' }
  if (has.number >= head.number) {
    if (has.hash !== head.hash)
      return { ensured: 'impossible', message: `it is at block ${has.number} ${has.hash}, not at the committed head` }
    const short = await shortOf(port, head)
    return short === undefined ? { ensured: 'there' } : { ensured: 'impossible', message: short }
  }
  const behind = head.number - has.number
  const most = ports.policy.maxLag > MOST_POSTED ? ports.policy.maxLag : MOST_POSTED
  if (behind > most)
    return { ensured: 'impossible', message: `it is ${behind} blocks behind the head: "baton backfill ${node}"` }
  const chain = await collectPayloads(ports, head, has.number + 1n, node)
  if ('missing' in chain) {
    const { number, hash } = chain.missing
    return { ensured: 'impossible', message: chain.bad ?? `nobody has the payload of block ${number} ${hash}` }
  }
  if (chain.parent !== has.hash) {
    return {
      ensured: 'impossible',
      message: `its block ${has.number} ${has.hash} is not an ancestor of the committed head`,
    }
  }
  for (const envelope of chain.envelopes) await port.post(envelope)
  return { ensured: 'posted', count: chain.envelopes.length }
}
