import type { NodeHost } from './node-host.ts'
import type { World } from './world.ts'

/** The chain as it is when the trouble begins: healthy, with this leader. */
export type Scene = World & {
  readonly leader: NodeHost
  /** The other nodes that are alive, best first. */
  readonly standbys: readonly NodeHost[]
}

/** What is done to a healthy chain, and what must come of it. */
export type Trouble = {
  /** Standbys it takes. */
  readonly needs?: number
  /** Does it, and runs on for as long as it takes. Returns the number blocks are counted from, if not from its beginning. */
  readonly happen: (scene: Scene, wait: (ms: number) => Promise<void>) => Promise<void> | Promise<bigint | undefined>
  /** The leader is healthy, or no node may be granted: its term goes on. */
  readonly sameTerm?: (scene: Scene) => boolean
  /** At the end the former leader no longer sequences: it was alive again, and was stopped. */
  readonly ends?: boolean
  /** Blocks there must be at the end. */
  readonly grows?: bigint
  /** ms within which another node's first block must come. */
  readonly replacedWithin?: number
}
