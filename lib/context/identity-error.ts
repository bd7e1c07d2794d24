import { BatonError } from '../errors.ts'
import type { Standing } from '../protocol/identity.ts'
import { renderReason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'

/** A call that was not made: the node behind a name is not proved to be ours. */
export class IdentityError extends BatonError {
  override readonly name = 'IdentityError'
  readonly code = 'identity'
  /** It is proved to be somebody else's; otherwise who it is could not be found out. */
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
