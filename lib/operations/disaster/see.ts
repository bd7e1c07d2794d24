import type { ChainPorts } from '../../context/ports.ts'
import { NotVerifiedError } from '../engine/errors.ts'
import type { DisasterAct } from './acts.ts'

const EVERY_MS = 500
/** This many blocks without a commit are no accident. */
const BLOCKS = 3n

/**
 * Observes the effect of the act: commits, blocks without commits, or no sequencing node.
 *
 * @returns the observation, as a sentence.
 * @throws NotVerifiedError when the effect does not appear in time. What was done stays.
 */
export async function see(ports: ChainPorts, asked: DisasterAct, withinMs: number): Promise<string> {
  switch (asked.act) {
    case 're-seed':
    case 'cold-start':
    case 'return':
      return await within(ports, withinMs, () => commits(ports, asked.act === 'cold-start' ? asked.node : undefined))
    case 'override':
      return await within(ports, withinMs, () => publishes(ports, asked.node))
    case 'to-op-conductor':
      return await within(ports, withinMs, () => closed(ports))
  }
}

/** One sample: the evidence, or what is missing. */
type Sample = { readonly seen: string } | { readonly missing: string }

async function within({ clock }: ChainPorts, withinMs: number, observe: () => Promise<Sample>): Promise<string> {
  for (const end = clock.now() + withinMs; ; ) {
    const found = await observe()
    if ('seen' in found) return found.seen
    if (clock.now() > end) throw new NotVerifiedError(found.missing, 'what was done')
    await clock.sleep(EVERY_MS)
  }
}

async function commits({ heads, leases, chain }: ChainPorts, to: string | undefined): Promise<Sample> {
  const head = await heads.read(chain.id)
  const own = head !== undefined && head.leader !== '' && head.committedTerm === head.term
  if (own && (to === undefined || head.leader === to))
    return { seen: `${head.leader} commits in term ${head.term}, block ${head.number}` }
  const lease = await leases.read(chain.id)
  const paused = lease?.mode === 'paused' ? `; Baton is paused by ${lease.modeBy}` : ''
  return { missing: `${to ?? 'no node'} ${to ? 'does not commit' : 'commits'} under the new term${paused}` }
}

async function publishes({ heads, chain, port }: ChainPorts, node: string): Promise<Sample> {
  const head = await heads.read(chain.id).catch(() => undefined)
  const first = await port(node).unsafe()
  const { consensus } = await port(node).observe(undefined)
  const sequencing = consensus.ok && consensus.value.sequencing
  if (sequencing && (head === undefined || first.number >= head.number + BLOCKS))
    return { seen: `${node} publishes without commits; it is at block ${first.number} ${first.hash}` }
  return { missing: `${node} ${sequencing ? 'sequences' : 'does not sequence'}; it is at block ${first.number}` }
}

async function closed({ heads, chain, nodes, port }: ChainPorts): Promise<Sample> {
  const head = await heads.read(chain.id)
  if (head?.leader !== '') return { missing: `${head?.leader} holds the head` }
  for (const { name } of nodes) {
    const { consensus } = await port(name).observe(undefined)
    if (consensus.ok && consensus.value.sequencing) return { missing: `${name} sequences` }
  }
  return { seen: `no node sequences; the last block is ${head.number} ${head.hash}` }
}
