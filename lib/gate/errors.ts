import { BatonError, type BatonErrorParameters } from '../errors.ts'
import type { BlockId } from '../protocol/block.ts'
import type { NodeName } from '../protocol/records.ts'

/** A fact about a refusal, for programs that read `error.data`. */
export type ErrorFacts = Readonly<Record<string, string | number | { readonly number: number; readonly hash: string }>>

/** An error response of the gate: its JSON-RPC code, its HTTP status, and facts for `error.data`. */
export abstract class GateError extends BatonError {
  readonly rpcCode: number = -32000
  readonly status: number = 200
  readonly facts: ErrorFacts

  constructor({ facts = {}, ...parameters }: BatonErrorParameters & { readonly facts?: ErrorFacts }) {
    super(parameters)
    this.facts = facts
  }
}

/** Another node holds the head. The message matches op-node's recorded traffic (test/fixtures). */
export class NotLeaderError extends GateError {
  override readonly name = 'NotLeaderError'
  override readonly code = 'not-leader'

  constructor(node: NodeName, leader: NodeName, term: number, head: BlockId | undefined) {
    super({
      message: `node ${node} is not the leader`,
      remedy: 'Nothing: the node follows the leader. To move sequencing here, ask for a switchover.',
      facts: { leader, term, ...(head && { head: factOf(head) }) },
    })
  }
}

/** The block is not the child of the committed head. */
export class ConflictError extends GateError {
  override readonly name = 'ConflictError'
  override readonly code = 'conflict'

  constructor(block: BlockId, head: BlockId) {
    super({
      message: `block ${name(block)} conflicts with the committed head ${name(head)}: the node must first take the committed block`,
      remedy: 'Post the committed payload to the node (admin_postUnsafePayload); Baton does so when it starts a node.',
      facts: { block: factOf(block), head: factOf(head) },
    })
  }
}

/** The block is above the child of the committed head. */
export class GapError extends GateError {
  override readonly name = 'GapError'
  override readonly code = 'gap'

  constructor(block: BlockId, head: BlockId) {
    super({
      message: `block ${name(block)} leaves a gap above the committed head ${name(head)}: the blocks between were never committed`,
      remedy:
        'They were made outside Baton (leader override?): take them over with "baton disaster return", or unwind the node.',
      facts: { block: factOf(block), head: factOf(head) },
    })
  }
}

/** The block does not match its hash: no node could import it after the commit. */
export class WrongHashError extends GateError {
  override readonly name = 'WrongHashError'
  override readonly code = 'wrong-hash'

  constructor(block: BlockId, problem: string) {
    super({
      message: `block ${name(block)} is not the block its hash names: ${problem}; nothing was committed`,
      remedy:
        'Look at the node: op-node and its execution client disagree on the block, or something between node and gate changes requests.',
      facts: { block: factOf(block) },
    })
  }
}

/** The chain has no head, so no node may commit. */
export class NoHeadError extends GateError {
  override readonly name = 'NoHeadError'
  override readonly code = 'no-head'

  constructor(chain: string) {
    super({
      message: `chain ${chain} has no committed head yet: no node may commit`,
      remedy: 'Start the monitor, which seeds the head once all nodes agree, or seed it with "baton adopt".',
    })
  }
}

/** The secret is missing or wrong, or the chain or node does not exist. The response does not say which. */
export class UnauthorizedError extends GateError {
  override readonly name = 'UnauthorizedError'
  override readonly code = 'unauthorized'
  override readonly status = 401

  constructor() {
    super({
      message: 'the secret in --conductor.rpc is missing or not the secret of this node of this chain',
      remedy: 'Write --conductor.rpc=http://<node>:<secret>@<host>/v1/chains/<chain>/nodes/<node>, percent-encoded.',
    })
  }
}

/** The secret is valid, but not for this method. */
export class NotAllowedError extends GateError {
  override readonly name = 'NotAllowedError'
  override readonly code = 'not-allowed'

  constructor(method: string, role: string, least: string) {
    super({
      message: `${method} is not allowed with the secret of a ${role}: it needs that of a ${least}`,
      remedy: `Write the secret of a ${least} into the URL: http://<your name>:<secret>@<host>/…`,
    })
  }
}

/** A block is committed at its node's own path only. */
export class WrongPathError extends GateError {
  override readonly name = 'WrongPathError'
  override readonly code = 'wrong-path'

  constructor(method: string) {
    super({
      message: `${method} is answered at the path of the node that calls it, and nowhere else`,
      remedy: 'Write --conductor.rpc=http://<node>:<secret>@<host>/v1/chains/<chain>/nodes/<node>.',
    })
  }
}

/** The gate does not serve this URL. */
export class UnknownPathError extends GateError {
  override readonly name = 'UnknownPathError'
  override readonly code = 'unknown-path'
  override readonly status = 404

  constructor() {
    super({
      message: 'there is nothing at this path: --conductor.rpc must end in /v1/chains/<chain>/nodes/<node>',
      remedy: 'Write --conductor.rpc=http://<node>:<secret>@<host>/v1/chains/<chain>/nodes/<node>.',
    })
  }
}

/** The path exists, but not for this HTTP method. */
export class WrongVerbError extends GateError {
  override readonly name = 'WrongVerbError'
  override readonly code = 'wrong-verb'
  override readonly status = 405

  readonly allow: 'GET' | 'POST'

  constructor(allow: 'GET' | 'POST') {
    super({ message: `this path takes ${allow} only`, remedy: `Send the request by ${allow}.` })
    this.allow = allow
  }
}

/** Another program listens on the gate's port. */
export class PortTakenError extends BatonError {
  override readonly name = 'PortTakenError'
  override readonly code = 'port-taken'

  constructor(host: string, port: number, cause: unknown) {
    super({
      message: `port ${port} of ${host} is taken`,
      remedy:
        'End the program that listens there (an op-conductor?), or choose another port with --gate-port or gate.port.',
      cause,
    })
  }
}

/** The block as `number hash`, for messages. */
function name({ number, hash }: BlockId): string {
  return `${number} ${hash}`
}

function factOf({ number, hash }: BlockId): { number: number; hash: string } {
  return { number: Number(number), hash }
}
