import { quorumOf } from '../../lib/protocol/follow-l1.ts'
import type { Scene, Trouble } from './trouble.ts'

/** Within this time (ms) the head follows L1, and the chain goes on from there. */
const FOLLOWED_MS = 20_000

/** L1 takes the origin of committed blocks from under them. */
export const TROUBLES_OF_L1 = {
  'origin-gone': {
    grows: 3n,
    async happen(scene, wait) {
      const { l1, referee, journal, nodes, plan, standbys } = scene
      const alive = 1 + standbys.length
      const quorum = quorumOf(plan.nodes)
      let origin: bigint | undefined
      for (let ms = 0; ms < 4_000 && origin === undefined; ms += 100) {
        await wait(100)
        origin = youngOrigin(scene)
      }
      if (origin === undefined || alive < quorum) return referee.head && referee.head.number - 3n
      l1.takeOrigins(origin)
      journal.note('L1', () => `lost block ${origin} and all above`)
      if (alive > quorum && plan.seed % 2 === 0) scene.leader.kill()
      const term = referee.head?.term
      for (let ms = 0; ms < FOLLOWED_MS && referee.head?.moved === undefined; ms += 100) await wait(100)
      const { moved } = referee.head ?? {}
      if (moved === undefined) journal.violate(6, `origin-gone: the head stays on a block L1 took back, term ${term}`)
      await wait(FOLLOWED_MS / 2)
      for (const [number, { origin }] of referee.committed) {
        if (origin && referee.l1HashAt(origin.number) !== origin.hash)
          journal.violate(1, `origin-gone: block ${number} is committed, and its origin is gone`)
      }
      for (const { name, consensus } of nodes) {
        const unsafe = consensus.process.status === 'running' ? consensus.heads?.unsafe : undefined
        if (unsafe && !referee.isChain(unsafe.number, unsafe.hash))
          journal.violate(6, `origin-gone: ${name} stays on block ${unsafe.number} ${unsafe.hash}`)
      }
      return moved?.to.number
    },
  },
} satisfies Record<string, Trouble>

/** The origin of the head, if it is L1's newest that can be one and no node has a safe block of it. */
function youngOrigin({ l1, referee, nodes }: Scene): bigint | undefined {
  const { number } = referee.head?.l1Origin ?? {}
  const isSafe = nodes.some(({ execution }) => number !== undefined && execution.safe.l1Origin.number >= number)
  return number === undefined || number < l1.head.number - 1n || isSafe ? undefined : number
}
