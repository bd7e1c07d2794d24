import type { NodeClient } from '../chain/client.ts'
import type { EngineClient } from '../chain/engine/client.ts'
import type { NodeName } from '../protocol/records.ts'

/** Time, given from outside. */
export type Clock = {
  /** Unix ms. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The node whose hole is plugged. Clients that batch make scanning cheap; none should give up within seconds. */
export type Patient = {
  readonly node: NodeName
  readonly execution: NodeClient
  readonly consensus: NodeClient
  /** Its engine API, where Baton was given access to it. */
  readonly engine?: EngineClient
  readonly clock: Clock
}
