import { BatonError } from '../../errors.ts'
import type { NodeName } from '../../protocol/records.ts'

/** A rolling upgrade stopped at a node; the chain goes on on the others. */
export class UpgradeStopped extends BatonError {
  override readonly name = 'UpgradeStopped'
  override readonly code = 'upgrade-stopped'
  readonly node: NodeName

  constructor(node: NodeName, problem: string, remedy?: string, cause?: unknown) {
    const repair = `repair ${node}, or install its old version again; then "baton upgrade --resume", or "baton quarantine ${node} --lift"`
    super({ message: `stopped at ${node}: ${problem}`, remedy: remedy ?? repair, cause })
    this.node = node
  }
}
