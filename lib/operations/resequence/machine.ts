import type { Host, StepResult } from '../../host/host.ts'
import type { Endpoints } from './context.ts'
import { StepFailed } from './errors.ts'
import { type LogEvent, readLine } from './log-lines.ts'
import { until } from './wait.ts'
import { readTip } from './zk-node.ts'

/** Below this a step's output is complete: the host keeps the last 16 kB. */
const WHOLE = 16_000

/** The number of processes that have the database open. */
export async function countProcesses({ host }: Endpoints): Promise<number> {
  const { stdout } = await host.run('processes')
  const names = stdout.trim().split(/\s+/)
  if (!names.includes('ps')) throw unclear('processes', stdout, 'names with its own among them')
  return names.filter((name) => name !== 'ps').length
}

/** A node without a process must not answer: otherwise the count is of another machine, or of another process name. */
async function refuseUnseen({ node }: Endpoints): Promise<void> {
  const answers = await readTip(node).then(
    () => true,
    () => false,
  )
  if (!answers) return
  const remedy = 'Name the machine of this RPC, or what the node is called there ("processes" in host.commands).'
  throw new StepFailed('the sequencer answers, and no process of it is seen on its machine', remedy)
}

/** Stops the sequencer, and waits until no process has the database open. Its RPC goes silent long before that. */
export async function stopNode(endpoints: Endpoints): Promise<void> {
  if ((await countProcesses(endpoints)) === 0) return await refuseUnseen(endpoints)
  await endpoints.host.run('stop')
  const remedy = 'Look why it does not end (systemctl status), end it, then run this again with --resume.'
  const awaited = { what: 'the sequencer has ended', ms: endpoints.config.patience.stopMs, remedy }
  await until(endpoints, awaited, async () => ((await countProcesses(endpoints)) === 0 ? true : undefined))
}

/** Starts the sequencer by one of its start steps, never a second one beside it. Returns the start's output. */
export async function launch(
  endpoints: Endpoints,
  step: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const running = await countProcesses(endpoints)
  if (running > 0) {
    throw new StepFailed(
      `${running} processes still have the database open`,
      'End them, then run it again with --resume.',
    )
  }
  const { exitCode, stderr } = await endpoints.host.run(step, parameters)
  return stderr.trim().slice(-200) || `exit code ${exitCode}`
}

/** Starts the sequencer; resolves when it answers. */
export async function startNode(endpoints: Endpoints, step: string, parameters: Readonly<Record<string, string>> = {}) {
  const said = await launch(endpoints, step, parameters)
  await awaitAnswer(endpoints, step, `Read the node's log. The start said: ${said}`)
  if ((await countProcesses(endpoints)) === 0) await refuseUnseen(endpoints)
}

/** Starts the sequencer unless it runs; resolves when it answers. An earlier process may have begun the start. */
export async function keepNode(endpoints: Endpoints, step: string): Promise<void> {
  if ((await countProcesses(endpoints)) === 0) await startNode(endpoints, step)
  else await awaitAnswer(endpoints, step, "Read the node's log.")
}

async function awaitAnswer(endpoints: Endpoints, step: string, remedy: string): Promise<void> {
  const awaited = { what: `the sequencer answers after "${step}"`, ms: endpoints.config.patience.startMs, remedy }
  await until(endpoints, awaited, () => readTip(endpoints.node))
}

/** The end of the log now. */
export async function logPosition({ host }: Endpoints): Promise<string> {
  const { stdout } = await host.run('log-position')
  const position = cursorOf(stdout)
  if (position === undefined) throw unclear('log-position', stdout, 'a cursor')
  return position
}

/** The events after a position of the log, and the position after them. */
export async function readLog({ host }: Endpoints, after: string): Promise<{ events: LogEvent[]; next: string }> {
  const { stdout } = await host.run('read-log', { after })
  if (stdout.length > WHOLE) throw unclear('read-log', '', 'less than 16 kB: lines may be lost')
  const events = stdout.split('\n').flatMap((line) => readLine(line) ?? [])
  return { events, next: cursorOf(stdout) ?? after }
}

/**
 * The state of each unit that sends batches and proofs to L1.
 *
 * @throws StepFailed when a unit does not exist: systemd calls it "inactive", and the unit with the right name keeps
 * sending.
 */
export async function l1ClientStates(l1Host: Host): Promise<readonly string[]> {
  const { stdout } = await l1Host.run('l1-clients')
  const words = stdout.trim().split(/\s+/)
  const missing = words.find((word) => word === 'not-found' || word === 'bad-setting' || word === 'error')
  if (missing !== undefined) {
    const remedy = 'Name what this machine calls them, in l1Clients.host or host.commands of the configuration.'
    throw new StepFailed(
      `a unit that sends batches to L1 is ${missing}: what runs under another name was not seen`,
      remedy,
    )
  }
  const states = words.filter((word) => word !== 'loaded' && word !== 'masked' && word !== '')
  if (states.length === 0) throw unclear('l1-clients', stdout, 'the state of each unit')
  return states
}

/** Whether a copy is complete: no differences, and its three parts have a size. */
export function copyIsWhole({ exitCode, stdout, stderr }: StepResult): boolean {
  const sizes = [...stdout.matchAll(/^(\d+)\s+\S+$/gm)].map(([, bytes]) => Number(bytes))
  const lines = stdout.trim().split('\n').length
  return (
    exitCode === 0 && stderr.trim() === '' && lines === 3 && sizes.length === 3 && sizes.every((bytes) => bytes > 0)
  )
}

/** More pages of forty lines than any tool writes. */
const MOST_PAGES = 250

/** All events after a position of the log, to its end. */
export async function readToEnd(endpoints: Endpoints, after: string): Promise<LogEvent[]> {
  const found: LogEvent[] = []
  let position = after
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events, next } = await readLog(endpoints, position)
    found.push(...events)
    if (next === position) return found
    position = next
  }
  throw unclear('read-log', '', `less than ${MOST_PAGES} pages`)
}

/**
 * The number of the database's last block, from its own table of stages. No log line proves it: the tool writes its
 * line before its work, and commits last. The sequencer must be stopped.
 */
export async function readDatabaseEnd({ host, config }: Endpoints): Promise<bigint> {
  const { stdout, stderr } = await host.run('database-end', { chain: config.chain.erigon })
  const ends = [...stdout.matchAll(/^Execution\s+(\d+)\s+\d+\s*$/gm)]
  if (ends.length !== 1) throw unclear('database-end', stderr || stdout, 'the block the stage "Execution" is at')
  return BigInt(ends[0]?.[1] ?? '')
}

function cursorOf(output: string): string | undefined {
  return [...output.matchAll(/^-- cursor: (\S+)$/gm)].at(-1)?.[1]
}

function unclear(step: string, output: string, wanted: string): StepFailed {
  const said = output.trim().slice(-200)
  return new StepFailed(`the step "${step}" answered "${said}", not ${wanted}`, 'Run that step by hand on the machine.')
}
