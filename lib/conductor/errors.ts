import { GateError } from '../gate/errors.ts'
import type { NodeName } from '../protocol/records.ts'

/** A call that is proxied for the leader came to another node. The text is op-conductor's: programs look for it. */
export class NotTheLeaderError extends GateError {
  override readonly name = 'NotTheLeaderError'
  override readonly code = 'not-leader'

  constructor(leader: NodeName | undefined) {
    super({
      message: 'refusing to proxy request to non-leader sequencer',
      remedy: leader ? `Ask ${leader}, or the path /v1/chains/<chain>/leader.` : 'Wait: no node leads at present.',
      ...(leader && { facts: { leader } }),
    })
  }
}

/** A transfer was asked of a node that does not lead. The text is op-conductor's. */
export class TransferElsewhereError extends GateError {
  override readonly name = 'TransferElsewhereError'
  override readonly code = 'not-leader'

  constructor(leader: NodeName | undefined) {
    super({
      message: 'node is not the leader',
      remedy: leader ? `Ask at the path of ${leader}, or at /v1/chains/<chain>/leader.` : 'No node leads at present.',
      ...(leader && { facts: { leader } }),
    })
  }
}

/** The node did not answer a proxied call. */
export class NodeSilentError extends GateError {
  override readonly name = 'NodeSilentError'
  override readonly code = 'node-silent'

  constructor(node: NodeName, message: string, cause?: unknown) {
    super({ message: `${node}: ${message}`, remedy: 'Try again: the leader may be changing.', cause })
  }
}

/** Too many proxied calls wait for nodes at once. */
export class BusyError extends GateError {
  override readonly name = 'BusyError'
  override readonly code = 'busy'

  constructor(most: number) {
    super({
      message: `${most} proxied calls are already waiting`,
      remedy: 'Try again in a moment, and call less often.',
    })
  }
}

/** What op-conductor does and Baton does not, with the place where it is done instead. */
export class DoneElsewhereError extends GateError {
  override readonly name = 'DoneElsewhereError'
  override readonly code = 'done-elsewhere'
}

/** The function that answers op-conductor's other methods did not. */
export class DeskAwayError extends GateError {
  override readonly name = 'DeskAwayError'
  override readonly code = 'desk-away'

  constructor(message: string, cause?: unknown) {
    super({
      message: `the function behind the gate: ${message}`,
      remedy:
        'Check "baton history" first, because an act may have been done. Then try again. Commits do not need this function.',
      cause,
    })
  }
}
