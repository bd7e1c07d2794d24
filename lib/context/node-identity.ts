import { classify, connectionWasCut } from '../chain/failure.ts'
import { getConsensusIdentity, getExecutionIdentity } from '../chain/identity.ts'
import type { NodeClients } from '../chain/observe.ts'
import { BatonError } from '../errors.ts'
import type { Hash } from '../protocol/block.ts'
import { configuredChainId, judgeFleet, mask, type Standing } from '../protocol/identity.ts'
import {
  type ConsensusIdentity,
  type ExecutionIdentity,
  type Identity,
  isSilence,
  type Observation,
} from '../protocol/observation.ts'
import { renderReason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'

/** A call that was not made: the node behind a name is not proved to be ours. */
export class IdentityError extends BatonError {
  override readonly name = 'IdentityError'
  readonly code = 'identity'
  /** The node is proved to belong to another chain; otherwise its identity could not be determined. */
  readonly foreign: boolean

  constructor(node: NodeName, standing: Standing | undefined) {
    const [first] = standing?.hard ?? []
    const why = first ? renderReason(first) : `${node}: it has not proved which chain it is of`
    super({
      message: `nothing was asked of it: ${why}`,
      remedy: `see what runs behind the URLs of ${node} in the configuration`,
    })
    this.foreign = standing?.consensus === 'foreign'
  }
}

/** What this process knows of the identities of a chain's nodes, so that no call goes to a stranger. */
export type FleetBook = {
  /** Records what a node reports of itself on its connections; nothing = its identity is no longer known. */
  note(node: NodeName, identity: Identity): void
  /** A node's standing now, without comparing peer ids: one process under two names is still ours. */
  standing(node: NodeName): Standing | undefined
}

/** Opens the book of a chain. `chain` is its configured id, `nodes` are its nodes in configured order. */
export function fleetBook(chain: string, nodes: readonly NodeName[], now: () => number): FleetBook {
  const seen: Record<NodeName, Identity | undefined> = Object.fromEntries(nodes.map((name) => [name, undefined]))
  let genesis: Hash | undefined
  const judge = () => {
    const judged = judgeFleet({ seen, chainId: configuredChainId(chain), genesis, now: now() })
    genesis = judged.genesis
    return judged
  }
  return {
    note(node, identity) {
      seen[node] = withoutPeer(identity)
      judge()
    },
    standing: (node) => judge().standings[node],
  }
}

function withoutPeer({ consensus, ...rest }: Identity): Identity {
  if (!consensus?.ok) return { ...rest, ...(consensus && { consensus }) }
  const { peer: _, ...value } = consensus.value
  return { ...rest, consensus: { ok: true, value } }
}

/** One of a node's two clients. */
type Part = 'consensus' | 'execution'
const PARTS: readonly Part[] = ['consensus', 'execution']

/** The clients for identity queries; each batches the queries of one turn into one request. */
type Askers = {
  /** For observations: the clients that the observation itself uses, so that one process answers both. */
  readonly probes: NodeClients
  /** For use before an act. */
  readonly patient: NodeClients
  /** Whether an act would go over a connection that is open already. */
  readonly connected: (part: Part) => boolean
}

/**
 * The identity of a node's two clients, valid while the connections to them hold. An unanswered call or a new
 * connection makes it unknown again: another process may listen there by now.
 */
export class NodeIdentity {
  readonly #node: NodeName
  readonly #book: FleetBook
  readonly #askers: Askers
  #known: Identity = {}
  readonly #stale = { consensus: true, execution: true }

  constructor(node: NodeName, book: FleetBook, askers: Askers) {
    this.#node = node
    this.#book = book
    this.#askers = askers
  }

  /** Called for a new connection to this client. */
  connected(part: Part): void {
    this.#stale[part] = true
  }

  /**
   * Takes an observation, and asks in the same requests for what is not yet known of the node's identity. Answers of a
   * client not proved ours become a failure of class `identity`. `full`: retries methods that were refused before.
   */
  async observe(take: () => Promise<Observation>, full: boolean): Promise<Observation> {
    const unknown = PARTS.filter((part) => !this.#isKnown(part, full))
    const learning = unknown.map((part) => this.#learn(part, this.#askers.probes))
    const [sample] = await Promise.all([take(), ...learning])
    for (const part of PARTS) {
      if (!sample[part].ok) this.#forget(part)
      else if (this.#stale[part]) await this.#learn(part, this.#askers.probes)
    }
    const standing = this.#book.standing(this.#node)
    const seen = { ...sample, identity: this.#known }
    return standing ? mask(seen, standing) : seen
  }

  /**
   * Makes a call to a client that is proved to be ours.
   *
   * @throws IdentityError when it is not; then the call is not made.
   */
  async guard<T>(part: Part, call: () => Promise<T>, again = true): Promise<T> {
    const other = part === 'consensus' ? 'execution' : 'consensus'
    // Without an open connection the act would open one, to whatever listens there by now: the question opens it.
    if (!this.#isKnown(part) || !this.#askers.connected(part)) await this.#learn(part, this.#askers.patient)
    // A client that does not expose its configuration is identified by the one beside it.
    if (!this.#isProved(part) && !this.#isKnown(other)) await this.#learn(other, this.#askers.patient)
    if (!this.#isProved(part)) throw new IdentityError(this.#node, this.#book.standing(this.#node))
    try {
      return await call()
    } catch (error) {
      const { failure } = classify(error)
      if (failure === 'refused' || isSilence(failure)) this.#forget(part)
      // A kept-alive connection had ended: repeat the call once, after the client on the new connection is proved.
      if (again && connectionWasCut(error)) return await this.guard(part, call, false)
      throw error
    }
  }

  #isProved(part: Part): boolean {
    return this.#book.standing(this.#node)?.[part] === 'proved'
  }

  #isKnown(part: Part, full = false): boolean {
    const answer = this.#known[part]
    return !this.#stale[part] && answer?.ok === true && !(full && isPartial(answer.value))
  }

  async #learn(part: Part, clients: NodeClients): Promise<void> {
    const answer =
      part === 'consensus'
        ? { consensus: await getConsensusIdentity(clients.consensus) }
        : { execution: await getExecutionIdentity(clients.execution) }
    this.#stale[part] = false
    this.#known = { ...this.#known, ...answer }
    this.#book.note(this.#node, this.#known)
  }

  #forget(part: Part): void {
    const { [part]: _, ...rest } = this.#known
    this.#stale[part] = true
    this.#known = rest
    this.#book.note(this.#node, rest)
  }
}

/** A method was refused, perhaps only for a moment. */
const isPartial = (answer: ConsensusIdentity | ExecutionIdentity): boolean =>
  !('rollup' in answer || ('chainId' in answer && 'genesis' in answer))
