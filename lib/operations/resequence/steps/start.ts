import type { Context, Step } from '../context.ts'
import { RESTORE, StepFailed } from '../errors.ts'
import { countProcesses, startNode } from '../machine.ts'
import { until } from '../wait.ts'
import { readHash, readTip } from '../zk-node.ts'

export const start: Step = {
  name: 'start',
  does: () => 'start the sequencer as always',
  checks: ['it answers'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    // On a resume it may already run.
    if (!context.resumed || (await countProcesses(context)) === 0) await startNode(context, 'start')
    const remedy = 'Read the node’s log.'
    const awaited = { what: 'the sequencer answers', ms: context.config.patience.startMs, remedy }
    const { number } = await until(context, awaited, () => readTip(context.node))
    return `the sequencer answers: its newest block is ${number}`
  },
}

export const confirm: Step = {
  name: 'confirm',
  does: () => 'check whether the chain continues on what was verified',
  checks: ['the last verified block has the same hash', 'a new block comes'],
  interrupted: 'repeat',
  failed: 'restore',
  async run(context) {
    const { node, config } = context
    const { number, hash } = verified(context)
    const remedy = 'Read the node’s log.'
    const awaited = { what: 'the sequencer builds a new block', ms: config.patience.startMs, remedy }
    const tip = await until(context, awaited, async () => {
      const now = await readHash(node, number)
      if (now !== hash)
        throw new StepFailed(`block ${number} was ${hash}, is ${now ?? 'gone'} after the start`, RESTORE)
      const found = await readTip(node)
      return found.number > number ? found : undefined
    })
    return `block ${number} is still ${hash}; block ${tip.number} came after it`
  },
}

export const followers: Step = {
  name: 'followers',
  does: () => 'wait until every node that follows has the same blocks',
  checks: ['each has the sequencer’s hash at the kept, the first new and the last verified block'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { node, config } = context
    const { number } = verified(context)
    const before = await context.before()
    const first = before.range.blocks[0]?.number ?? number
    const remedy = 'That node did not unwind on its own: sync it from a snapshot, then --resume.'
    for (const { name, rpc } of context.followers) {
      for (const height of new Set([first - 1n, first, number])) {
        const awaited = {
          what: `${name} has block ${height} of the sequencer`,
          ms: config.patience.followersMs,
          since: context.begunAt,
          remedy,
        }
        await until(context, awaited, async () => {
          const [wanted, found] = await Promise.all([readHash(node, height), readHash(rpc, height)])
          return wanted !== undefined && wanted === found ? true : undefined
        })
      }
    }
    const names = context.followers.map(({ name }) => name)
    return names.length > 0 ? `${names.join(', ')}: same blocks up to ${number}` : 'none are configured'
  },
}

function verified({ notes }: Context): { readonly number: bigint; readonly hash: string } {
  const { number, hash } = notes()
  if (number === undefined || hash === undefined) throw new StepFailed('nothing was verified', RESTORE)
  return { number: BigInt(number), hash }
}
