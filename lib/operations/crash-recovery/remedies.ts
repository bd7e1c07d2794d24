import { getBlock, getBlockHash } from '../../chain/block.ts'
import { setHead } from '../../chain/execution.ts'
import { stampOf } from '../../host/step.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Head } from '../../protocol/records.ts'
import { planBackfill } from '../backfill/plan.ts'
import { observeNode } from '../backfill/ports.ts'
import { runBackfill } from '../backfill/run.ts'
import type { Damage } from './classify.ts'
import { StepWithoutEffectError, TooDangerousError } from './errors.ts'
import { examine } from './examine.ts'
import type { Recovering } from './ports.ts'
import { proveCopies } from './prove-copies.ts'
import { ask, runStep, untilProcess } from './run-step.ts'

/** A supervisor restarts a process, and a follower catches up, within this time. */
const WAIT_MS = 10_000

/** Waits until the damage changes or the node moves; ten seconds at most. */
export async function wait(recovering: Recovering, damage: Damage): Promise<string> {
  const { clock } = recovering.ports
  const began = clock.monotonic()
  while (clock.monotonic() - began < WAIT_MS && !recovering.signal.aborted) {
    const now = (await examine(recovering))?.damage
    if (now && (now.kind !== damage.kind || latestOf(now) !== latestOf(damage))) break
  }
  return `${Math.round((clock.monotonic() - began) / 1_000)} s`
}

const latestOf = (damage: Damage) => ('latest' in damage ? damage.latest.number : undefined)

/**
 * Gives the node the committed blocks it lacks, oldest first, each payload proved first (see ../backfill). Goes
 * through op-node while that answers; through the engine only when op-node is gone.
 *
 * @throws TooDangerousError when op-node is silent: it may still move the forkchoice.
 */
export async function fill({ ports, node, actor, signal, onProgress }: Recovering): Promise<string> {
  const { consensus } = await observeNode(ports, node)
  if (!consensus.ok && consensus.failure !== 'refused') {
    throw new TooDangerousError(node, 'fill', `its op-node may be alive (${consensus.message})`)
  }
  const plan = await planBackfill(ports, { node, through: consensus.ok ? 'consensus' : 'engine' })
  const { blocks, at, given, outcome } = await runBackfill(ports, plan, { actor, signal, onProgress })
  const from = Object.entries(given).map(([source, count]) => `${source} ${count}`)
  return `${outcome}: ${blocks} blocks up to ${at.number}${from.length > 0 ? ` (${from.join(', ')})` : ''}`
}

/** op-node usually resets at once; it queries its execution client first (ms). */
const BACK_MS = 10_000
const LOOK_MS = 200

/**
 * Has op-node start over from its execution client's chain: while it believes in blocks that client lost, it ignores
 * every block below them. Needs no host.
 *
 * @throws StepWithoutEffectError when it still names a block its execution client does not have.
 */
export async function resetDerivation({ ports, node, signal }: Recovering): Promise<string> {
  const { clock } = ports
  const { execution } = ports.clients(node)
  const port = ports.port(node)
  await port.resetDerivation()
  const until = clock.monotonic() + BACK_MS
  for (;;) {
    const { number, hash } = await port.unsafe()
    if ((await getBlockHash(execution, number)) === hash) return `op-node went back to block ${number}`
    if (clock.monotonic() >= until || signal.aborted) {
      const observed = `op-node still names block ${number} ${hash}, which its execution client does not have`
      throw new StepWithoutEffectError(node, 'admin_resetDerivationPipeline', 'was answered', observed)
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/**
 * Restarts one of a node's processes through its machine and waits until it answers again.
 *
 * @throws StepWithoutEffectError when it did not come back, or never went away.
 */
export async function restart(recovering: Recovering, which: 'execution' | 'consensus'): Promise<string> {
  const { ports, node } = recovering
  const watched = ask[which](ports.clients(node)[which])
  const wasUp = await watched().then(
    () => true,
    () => false,
  )
  const stepped = await runStep(recovering, `restart-${which}`, watched)
  await untilProcess(recovering, 'up', watched, stepped)
  if (wasUp && !stepped.wentDown) {
    const claimed = `ended with exit code ${stepped.exitCode ?? 'none'}`
    throw new StepWithoutEffectError(
      node,
      stepped.step,
      claimed,
      'the process answered all the time: it was not restarted',
    )
  }
  return 'it went away and answers again'
}

/**
 * Stops a process that must not interfere with `act`, and always starts it again, even after an interruption. Without
 * a host the process stays up.
 *
 * @throws StepWithoutEffectError when it did not go away, or did not come back.
 * @throws the signal's reason when interrupted before anything was done.
 */
export async function without<T>(
  recovering: Recovering,
  which: 'execution' | 'consensus',
  act: () => Promise<T>,
): Promise<T> {
  const { ports, node, signal } = recovering
  if (!ports.host?.(node)) return await act()
  signal.throwIfAborted()
  const watched = ask[which](ports.clients(node)[which])
  // With its own signal: a stop must complete, or it would hit the process that the start brings up. Both time out.
  const steady = { ...recovering, signal: new AbortController().signal }
  const turn = async (verb: 'stop' | 'start') =>
    untilProcess(steady, verb === 'stop' ? 'down' : 'up', watched, await runStep(steady, `${verb}-${which}`, watched))
  try {
    await turn('stop')
    signal.throwIfAborted()
    return await act()
  } finally {
    await turn('start')
  }
}

/**
 * Removes the stored blocks whose state is lost, so that the client executes them when they arrive again: while it has
 * them, it calls them valid and executes nothing.
 *
 * Restarts the process afterwards: an op-geth that came up with its head at genesis and blocks above it is in snap-sync
 * mode, and stays there ("forced head needed for startup").
 *
 * @throws TooDangerousError when no other source has the blocks it would remove.
 * @throws StepWithoutEffectError when the blocks are still there, or the head fell too far.
 */
export async function cutTail(recovering: Recovering, head: Head, latest: BlockId): Promise<string> {
  const { ports, node } = recovering
  await proveCopies(recovering, 'cut-tail', head, latest.number + 1n)
  const { execution } = ports.clients(node)
  return await without(recovering, 'consensus', async () => {
    await ports.port(node).prove?.('execution')
    await setHead(execution, latest.number)
    const [above, now] = await Promise.all([
      getBlock(execution, { number: latest.number + 1n }),
      getBlock(execution, { tag: 'latest' }),
    ])
    if (above) {
      throw new StepWithoutEffectError(node, 'debug_setHead', 'was answered', `block ${above.number} is still stored`)
    }
    if (!ports.host?.(node)) return `cut above block ${now?.number}; not restarted: no host is configured`
    await restart(recovering, 'execution')
    return `cut above block ${now?.number}, execution client restarted`
  })
}

/** Number of newest blocks that must have a proven copy elsewhere, because L1 may not have them yet. */
const NEWEST = 600n

/**
 * Replaces the client's chain data with a snapshot, by the machine owner's program: for a database beyond repair, of a
 * chain too long to refill from genesis. Other sources supply what the snapshot lacks.
 *
 * @throws TooDangerousError when no other source has the newest blocks.
 * @throws StepWithoutEffectError when the client has only its genesis afterwards.
 */
export async function restoreExecution(recovering: Recovering, head: Head): Promise<string> {
  const { ports, node } = recovering
  await proveCopies(recovering, 'restore-execution', head, head.number > NEWEST ? head.number - NEWEST : 1n)
  const { execution } = ports.clients(node)
  const watched = ask.execution(execution)
  const stamp = stampOf(ports.clock.now())
  return await without(recovering, 'consensus', async () => {
    const restored = await without(recovering, 'execution', () =>
      runStep(recovering, 'restore-execution', watched, { stamp }),
    )
    const latest = await getBlock(execution, { tag: 'latest' })
    if (!latest || latest.number === 0n) {
      const claimed = `ended with exit code ${restored.exitCode ?? 'none'}`
      throw new StepWithoutEffectError(node, restored.step, claimed, `its newest block is ${latest?.number ?? 'none'}`)
    }
    return `begins at block ${latest.number} ${latest.hash} of the snapshot`
  })
}

/** Above this, a snapshot or the client's own sync from a peer is faster than single payloads. */
const MOST_REFILLED = 200_000n

/**
 * Moves the client's chain data aside and has it begin at genesis: for a database that is lost or beyond repair.
 * Deletes nothing; other sources supply the blocks again.
 *
 * @throws TooDangerousError when no other source has the whole chain.
 * @throws StepWithoutEffectError when it is not at genesis afterwards.
 */
export async function emptyExecution(recovering: Recovering, head: Head): Promise<string> {
  const { ports, node } = recovering
  if (head.number > MOST_REFILLED) {
    throw new TooDangerousError(node, 'empty-execution', `a chain of ${head.number} blocks is not refilled one by one`)
  }
  await proveCopies(recovering, 'empty-execution', head, 1n)
  const { execution } = ports.clients(node)
  const watched = ask.execution(execution)
  const stamp = stampOf(ports.clock.now())
  return await without(recovering, 'consensus', async () => {
    const emptied = await without(recovering, 'execution', () =>
      runStep(recovering, 'empty-execution', watched, { stamp }),
    )
    const latest = await getBlock(execution, { tag: 'latest' })
    if (latest?.number !== 0n) {
      const observed = `its newest block is ${latest?.number ?? 'none'}, not genesis`
      throw new StepWithoutEffectError(
        node,
        emptied.step,
        `ended with exit code ${emptied.exitCode ?? 'none'}`,
        observed,
      )
    }
    return `begins at genesis ${latest.hash}; what it had is kept with the suffix ${stamp}`
  })
}
