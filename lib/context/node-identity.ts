import { classify, connectionWasCut } from '../chain/failure.ts'
import { getConsensusIdentity, getExecutionIdentity } from '../chain/identity.ts'
import type { NodeClients } from '../chain/observe.ts'
import { mask } from '../protocol/identity.ts'
import {
  type ConsensusIdentity,
  type ExecutionIdentity,
  type Identity,
  isSilence,
  type Observation,
} from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'
import type { FleetBook } from './fleet.ts'
import { IdentityError } from './identity-error.ts'

/** One of a node's two clients. */
type Part = 'consensus' | 'execution'
const PARTS: readonly Part[] = ['consensus', 'execution']

/** How the clients are asked; each sends what is asked in one turn as one request. */
type Askers = {
  /** In looks: the same clients as these use, so that one process answers both. */
  readonly probes: NodeClients
  /** Before an act. */
  readonly patient: NodeClients
}

/**
 * Who a node's two clients are, for as long as the connections to them hold. A call that is not answered, or a new
 * connection, makes it unknown again: another process may listen there by now.
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

  /** A connection to this client is new. */
  connected(part: Part): void {
    this.#stale[part] = true
  }

  /**
   * Takes a look, and asks in the same requests for what is not known of who answers. What a client that is not
   * proved ours said is a failure of class `identity`. `full`: methods that were refused before are tried again.
   */
  async look(take: () => Promise<Observation>, full: boolean): Promise<Observation> {
    const unknown = PARTS.filter((part) => !this.#isKnown(part, full))
    const learning = unknown.map((part) => this.#learn(part, this.#askers.probes))
    const [look] = await Promise.all([take(), ...learning])
    for (const part of PARTS) {
      if (!look[part].ok) this.#forget(part)
      else if (this.#stale[part]) await this.#learn(part, this.#askers.probes)
    }
    const standing = this.#book.standing(this.#node)
    const seen = { ...look, identity: this.#known }
    return standing ? mask(seen, standing) : seen
  }

  /**
   * Makes a call of a client that is proved to be ours.
   *
   * @throws IdentityError when it is not; then it was not called.
   */
  async guard<T>(part: Part, call: () => Promise<T>, again = true): Promise<T> {
    const other = part === 'consensus' ? 'execution' : 'consensus'
    if (!this.#isKnown(part)) await this.#learn(part, this.#askers.patient)
    // A client that keeps its configuration to itself is known by the one beside it.
    if (!this.#isProved(part) && !this.#isKnown(other)) await this.#learn(other, this.#askers.patient)
    if (!this.#isProved(part)) throw new IdentityError(this.#node, this.#book.standing(this.#node))
    try {
      return await call()
    } catch (error) {
      const { failure } = classify(error)
      if (failure === 'refused' || isSilence(failure)) this.#forget(part)
      // A connection that was kept alive had ended: the call may be made once more, by who is proved on a new one.
      if (again && connectionWasCut(error)) return await this.guard(part, call, false)
      throw error
    }
  }

  #isProved(part: Part): boolean {
    return this.#book.standing(this.#node)?.[part] === 'proved'
  }

  #isKnown(part: Part, full = false): boolean {
    const told = this.#known[part]
    return !this.#stale[part] && told?.ok === true && !(full && isPartial(told.value))
  }

  async #learn(part: Part, clients: NodeClients): Promise<void> {
    const told =
      part === 'consensus'
        ? { consensus: await getConsensusIdentity(clients.consensus) }
        : { execution: await getExecutionIdentity(clients.execution) }
    this.#stale[part] = false
    this.#known = { ...this.#known, ...told }
    this.#book.note(this.#node, this.#known)
  }

  #forget(part: Part): void {
    const { [part]: _, ...rest } = this.#known
    this.#stale[part] = true
    this.#known = rest
    this.#book.note(this.#node, rest)
  }
}

/** A method was refused, maybe only just then. */
const isPartial = (told: ConsensusIdentity | ExecutionIdentity): boolean =>
  !('rollup' in told || ('chainId' in told && 'genesis' in told))
