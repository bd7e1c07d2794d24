/** What a line of cdk-erigon's log says about re-sequencing. */
export type LogEvent =
  /** The database ends before the data stream: re-sequencing begins. */
  | { readonly kind: 'behind'; readonly batch: bigint; readonly highest: bigint }
  | { readonly kind: 'range'; readonly from: bigint; readonly to: bigint }
  /** One batch of the stream was rebuilt, as this many batches. */
  | { readonly kind: 'original'; readonly batch: bigint; readonly parts: number }
  /** The node has nothing (more) to do. It prints this after a no-op and after a failure too, so it proves nothing. */
  | { readonly kind: 'completed' }
  | { readonly kind: 'block'; readonly number: bigint }
  | { readonly kind: 'batch'; readonly number: bigint }
  | { readonly kind: 'halted'; readonly batch: bigint }
  | { readonly kind: 'unwound'; readonly batch: bigint; readonly block: bigint }
  /** A recovery from L1 reaches a batch, and has not built it yet. */
  | { readonly kind: 'recovering'; readonly batch: bigint }
  /** The recovery considers itself done before this batch. At the tip it says so at once. */
  | { readonly kind: 'recovery-done'; readonly batch: bigint }
  /** A recovery still reads L1. */
  | { readonly kind: 'syncing' }
  | { readonly kind: 'bad-batch-skipped'; readonly batch: bigint }
  | { readonly kind: 'trouble'; readonly text: string }
  /** An error outside any stage: a running node continues after it, a tool that exits has failed by it. */
  | { readonly kind: 'error'; readonly text: string }
  /** A process ends as requested. */
  | { readonly kind: 'ending'; readonly text: string }

type Reader = (found: readonly bigint[]) => LogEvent | undefined

const readers: readonly (readonly [RegExp, Reader])[] = [
  [
    /Last batch (\d+) is lower than highest batch in datastream (\d+)/,
    two((batch, highest) => ({ kind: 'behind', batch, highest })),
  ],
  [/Resequence from batch (\d+) to (\d+) in data stream/, two((from, to) => ({ kind: 'range', from, to }))],
  [
    /Resequenced original batch (\d+) with (\d+) batches/,
    two((batch, parts) => ({ kind: 'original', batch, parts: Number(parts) })),
  ],
  [/Resequencing completed/, () => ({ kind: 'completed' })],
  [/UnwindToBatch\s+batchNo=(\d+) blockNo=(\d+)/, two((batch, block) => ({ kind: 'unwound', batch, block }))],
  [/Finish block (\d+) /, one((number) => ({ kind: 'block', number }))],
  [/Finish batch (\d+)/, one((number) => ({ kind: 'batch', number }))],
  [/Halt sequencer on batch (\d+)/, one((batch) => ({ kind: 'halted', batch }))],
  [/L1 recovery has completed!?\s+batch=(\d+)/, one((batch) => ({ kind: 'recovery-done', batch }))],
  [/L1 recovery beginning for batch\s+batch=(\d+)/, one((batch) => ({ kind: 'recovering', batch }))],
  [/Syncing L1 blocks/, () => ({ kind: 'syncing' })],
  [/Skipping bad batch (\d+)/, one((batch) => ({ kind: 'bad-batch-skipped', batch }))],
]

/**
 * Errors after which the node continues as if nothing had happened: it never exits by itself. The prefix `[n/m Stage]`
 * marks a stage's error; other errors, such as a peer's, do not concern the run, unless it is the database's.
 */
const TROUBLE =
  /Staged Sync\s+err=|panic|fatal error|identified an invalid batch|no block found at batch|\[(?:EROR|CRIT)\][^\n]*\[\d+\/\d+ /i
const ERROR = /\[(?:EROR|CRIT)\]/
const DATABASE = /mdbx|no space left|read-only file system|input\/output error/i

type Trouble = Extract<LogEvent, { kind: 'trouble' | 'error' }>

/** Whether a running node has failed by it. The database's error, or its disk's, counts outside any stage, too. */
export const isTrouble = (event: LogEvent): event is Trouble =>
  event.kind === 'trouble' || (event.kind === 'error' && DATABASE.test(event.text))

/** How the end of a process appears in its log, including its stages' errors. */
const ENDING = /context canceled|Got interrupt|Context done/i

/** Reads one line; `undefined` = irrelevant. */
export function readLine(written: string): LogEvent | undefined {
  const line = plain(written)
  if (ENDING.test(line)) return { kind: 'ending', text: shorten(line) }
  if (TROUBLE.test(line)) return { kind: 'trouble', text: shorten(line) }
  if (ERROR.test(line)) return { kind: 'error', text: shorten(line) }
  for (const [pattern, read] of readers) {
    const found = pattern.exec(line)
    if (found) return read(found.slice(1).map((text) => (/^\d+$/.test(text ?? '') ? BigInt(text) : 0n)))
  }
  return undefined
}

/**
 * The plain form of a line in JSON: a machine with its own command lines may log that way, and put a name before each
 * line. Of a line that was cut off, what it begins with counts.
 */
function plain(line: string): string {
  const at = line.indexOf('{"')
  if (at < 0 || !/^[^[]*$/.test(line.slice(0, at))) return line
  const { lvl, msg, t: _, ...rest } = parsed(line.slice(at)) ?? partOf(line.slice(at))
  if (typeof lvl !== 'string') return line
  const fields = Object.entries(rest).map(([name, value]) => ` ${name}=${String(value)}`)
  return `[${lvl.toUpperCase()}] ${String(msg)}${fields.join('')}`
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function partOf(text: string): Readonly<Record<string, unknown>> {
  const [, lvl] = /"lvl": ?"(\w+)"/.exec(text) ?? []
  const [, msg = ''] = /"msg": ?"((?:[^"\\]|\\.)*)/.exec(text) ?? []
  const [, err] = /"err": ?"((?:[^"\\]|\\.)*)/.exec(text) ?? []
  return { lvl, msg, ...(err !== undefined && { err }) }
}

/** The line without colours and timestamp. */
function shorten(line: string): string {
  return line
    .replace(/^\[\w+\] (\[\d\d-[^\]]*\])?\s*/, '')
    .trim()
    .slice(0, 300)
}

function one(make: (a: bigint) => LogEvent): Reader {
  return ([a]) => (a === undefined ? undefined : make(a))
}

function two(make: (a: bigint, b: bigint) => LogEvent): Reader {
  return ([a, b]) => (a === undefined || b === undefined ? undefined : make(a, b))
}
