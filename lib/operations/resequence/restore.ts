import type { Endpoints } from './context.ts'
import { ResequenceRefused, StepFailed, ZkNodeFailed } from './errors.ts'
import type { Notes, Run } from './journal.ts'
import { forgetSent, longHost, sentOf } from './long-host.ts'
import { countProcesses, keepNode, l1ClientStates, readDatabaseEnd, stopNode } from './machine.ts'
import type { Rpc } from './rpc.ts'
import { add, type RunContext } from './run.ts'
import { restorePair } from './steps/backup.ts'
import { readHash, readTip } from './zk-node.ts'

const RESTORING = 'restore'

/**
 * The way back from a run that failed or is to be abandoned: restores the backup, if there is one yet, and starts
 * everything as before. L1 keeps a rollback that was sent: its batches are sent again.
 *
 * @throws ResequenceRefused once blocks follow the new ones (they are published), or when that is unknown.
 * @throws StepFailed when the result differs from what was there before.
 */
export async function restore(runContext: RunContext, begun: Run): Promise<Run> {
  const { endpoints, journal, remember } = runContext
  let run = begun
  if (run.ended) throw new ResequenceRefused(`run ${run.number} is over`, 'There is nothing to go back from.')
  await refusePublished(endpoints, run)
  const { backup } = run.notes
  let words = 'nothing had been changed yet'
  if (isPutBack(run)) words = `the data was put back from copy ${backup} before`
  else {
    await stopNode(endpoints)
    if (backup !== undefined) ({ run, words } = await putBack(runContext, run, backup))
  }
  endpoints.say(words)
  await keepNode(endpoints, 'start')
  const last = (await journal.before(run))?.range.blocks.at(-1)
  if (last) {
    const hash = await readHash(endpoints.node, last.number)
    if (hash !== last.hash) {
      throw new StepFailed(
        `block ${last.number} was ${last.hash}, is ${hash ?? 'gone'}`,
        'Stop the node; call for help.',
      )
    }
    endpoints.say(`block ${last.number} is ${last.hash}, as before`)
  }
  await endpoints.l1Host.run('start-l1-clients')
  const states = await l1ClientStates(endpoints.l1Host)
  if (!states.every((state) => state === 'active'))
    endpoints.say(`start by hand what sends batches to L1: it is ${states.join(', ')}`)
  await remember(`went back from run ${run.number}: ${words}`)
  return add(runContext, run, { step: 'restore', state: 'ended', words })
}

/**
 * Refuses once blocks follow the new ones, or may follow: the journal may lack the confirmation, and silence is no
 * answer. A chain that cannot be asked is not undone.
 */
async function refusePublished(endpoints: Endpoints, run: Run): Promise<void> {
  const { number, hash } = run.notes
  const confirmed = run.entries.some(({ step, state }) => step === 'confirm' && state === 'done')
  // The copy is already in place: the growing chain is the old one, whose hashes may be the same.
  if (!confirmed && (number === undefined || isPutBack(run))) return
  if (!confirmed && !(await goesOn(endpoints, BigInt(number ?? 0), hash))) return
  const remedy = 'Go on with --resume. To undo it, re-sequence again from the last good batch.'
  throw new ResequenceRefused('the chain has already continued on the new blocks: they are published', remedy)
}

/** Whether blocks follow the verified one: according to the node, else to a follower or the node's own database. */
async function goesOn(endpoints: Endpoints, number: bigint, hash: string | undefined): Promise<boolean> {
  const on = async (rpc: Rpc) => (await readHash(rpc, number)) === hash && (await readTip(rpc)).number > number
  try {
    return await on(endpoints.node)
  } catch (error) {
    if (!(error instanceof ZkNodeFailed)) throw error
  }
  for (const { rpc } of endpoints.followers) if (await on(rpc).catch(() => false)) return true
  if ((await countProcesses(endpoints)) === 0) return (await readDatabaseEnd(endpoints)) > number
  const remedy =
    'Let it answer, or stop it (systemctl stop cdk-erigon): then its database is read. Run --restore again.'
  throw new ResequenceRefused(
    `the sequencer runs and does not answer: nothing shows whether blocks came upon block ${number}`,
    remedy,
  )
}

/** The note that the copy is in place: from then on the old chain grows, and its new blocks are not moved aside. */
const PUT_BACK = 'put-back'

/** Whether a restore already put the copy in place, with no resume since. */
function isPutBack({ entries }: Run): boolean {
  const done = entries.findLastIndex(({ notes }) => notes[PUT_BACK] !== undefined)
  return done >= 0 && !entries.slice(done).some(({ state }) => state === 'begun')
}

/** Restores the copy, in as many processes as that takes; the next one starts a failed restore again. */
async function putBack(runContext: RunContext, begun: Run, backup: string) {
  const { host, clock, signal, config } = runContext.endpoints
  let run = begun
  const notes = () => run.notes
  const note = async (more: Notes) => {
    run = await add(runContext, run, { step: RESTORING, state: 'noted', words: '', notes: more })
  }
  const { pollMs } = config.patience
  const patient = longHost({ host, runStep: RESTORING, notes, note, clock, pollMs, signal })
  try {
    const sent = sentOf(run.notes, RESTORING, 'restore')
    const words = await restorePair({ ...runContext.endpoints, host: patient }, backup, sent)
    await note({ [PUT_BACK]: backup })
    return { run, words }
  } catch (error) {
    if (error instanceof StepFailed) await note(forgetSent(run.notes, RESTORING))
    throw error
  }
}
